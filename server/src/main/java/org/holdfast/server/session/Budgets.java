package org.holdfast.server.session;

import org.holdfast.protocol.Credit;
import org.holdfast.protocol.Share;

/// The memory that all sessions of a server share (see [Limits]).
record Budgets(Limits limits, Credit stores, Credit fetches) {
  /// No session holds more than one of so many parts, so that one that is slow, or means harm, does
  /// not stop all others.
  private static final int PARTS = 4;

  static Budgets of(Limits limits) {
    return new Budgets(limits, new Credit(limits.storeBytes()), new Credit(limits.fetchBytes()));
  }

  /// One session's share for what it stores.
  Share storeShare() {
    return new Share(stores, part(limits.storeBytes()));
  }

  /// One session's share for what it fetches.
  Share fetchShare() {
    return new Share(fetches, part(limits.fetchBytes()));
  }

  private static long part(long bytes) {
    return Math.max(bytes / PARTS, Limits.BLOCK_BYTES);
  }
}
