package org.holdfast.client.tidy;

import java.util.Optional;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.TransactionId;
import org.holdfast.protocol.Session;
import org.jspecify.annotations.Nullable;

/// The commit of a deletion, whose answer may be lost. One thread.
final class SentCommit {
  private final Session session;
  private final MachineId machine;
  private @Nullable TransactionId sent;

  SentCommit(Session session, MachineId machine) {
    this.session = session;
    this.machine = machine;
  }

  /// Commits the deletion. Answers until when it can be undone, in the server's ms.
  long send(TransactionId transaction) throws HoldfastException {
    sent = transaction;
    return session.commitDelete(machine, transaction);
  }

  boolean isSent() {
    return sent != null;
  }

  /// Whether the deletion was carried out; empty if nobody can tell.
  Optional<Boolean> wasDone() {
    if (sent == null) {
      return Optional.of(false);
    }
    try {
      return Optional.of(sent.equals(session.state(machine).committed()));
    } catch (HoldfastException e) {
      return Optional.empty();
    }
  }
}
