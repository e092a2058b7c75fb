package org.holdfast.client.tidy;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import org.holdfast.client.archive.CacheLock;
import org.holdfast.client.archive.Root;
import org.holdfast.client.archive.SeenArchive;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Right;
import org.holdfast.core.TransactionId;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Session;
import org.holdfast.seal.KeyFile;

/// Deletes everything that a machine has, also a backup that is not finished.
public final class Nuke {
  private final Session session;
  private final KeyFile keyFile;
  private final Path folder;
  private final SecureRandom random;
  private final SentCommit commit;

  /// `folder` is this machine's part of the cache.
  public Nuke(Session session, KeyFile keyFile, Path folder, SecureRandom random) {
    this.session = session;
    this.keyFile = keyFile;
    this.folder = folder;
    this.random = random;
    this.commit = new SentCommit(session, keyFile.machineId());
  }

  /// Deletes all that is to be seen.
  public Done run() throws HoldfastException, IOException {
    session.prove(
        keyFile.machineId(), Right.NUKE, keyFile.keys().credentialFor(Right.NUKE).privateKey());
    try (CacheLock _ = CacheLock.take(folder)) {
      Optional<SeenArchive> seen = SeenArchive.read(folder);
      Message.StateReply state = session.state(keyFile.machineId());
      TransactionId transaction = TransactionId.random(random);
      session.beginDelete(keyFile.machineId(), transaction, state.committed(), true);
      session.deleteAll(keyFile.machineId(), transaction);
      long untilMillis = commit.send(transaction);
      if (seen.isPresent()) {
        seen.get().leaving(0, Root.NO_ROOT).write();
      }
      long blocks = named(transaction);
      // Only the mean of all is known here, of which some may have been deleted before.
      double mean = (double) state.bytes() / Math.max(1, state.blocks());
      return new Done(blocks, Math.round(mean * blocks), blocks == 0 ? 0 : untilMillis);
    }
  }

  /// How many blocks the deletion has taken. One that has taken none is in no list.
  private long named(TransactionId transaction) throws HoldfastException {
    return Undeletion.made(session, keyFile.machineId()).stream()
        .filter(each -> each.transaction().equals(transaction))
        .mapToLong(Message.MadeDeletion::blocks)
        .findFirst()
        .orElse(0);
  }

  /// Whether it was carried out though it has failed; empty if nobody can tell.
  public Optional<Boolean> wasDone() {
    return commit.wasDone();
  }

  /// What was deleted.
  ///
  /// @param bytes about how many
  /// @param untilMillis the server's time until which it can be undone; 0 if nothing was deleted
  public record Done(long blocks, long bytes, long untilMillis) {}
}
