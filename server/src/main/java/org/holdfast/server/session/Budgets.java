package org.holdfast.server.session;

import org.holdfast.protocol.Credit;

/// The memory that all sessions of a server share (see [Limits]).
record Budgets(Credit stores, Credit fetches) {
  static Budgets of(Limits limits) {
    return new Budgets(new Credit(limits.storeBytes()), new Credit(limits.fetchBytes()));
  }
}
