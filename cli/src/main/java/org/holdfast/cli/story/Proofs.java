package org.holdfast.cli.story;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.cli.link.Links;
import org.holdfast.cli.link.ServiceAddress;
import org.holdfast.client.tree.Comparison;
import org.holdfast.client.tree.PosixTarget;
import org.holdfast.client.tree.PosixTree;
import org.holdfast.client.tree.Shortfall;
import org.holdfast.client.tree.SourceTree;
import org.holdfast.client.tree.TreeComparer;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Right;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.FetchSink;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Session;
import org.holdfast.seal.KeyFile;
import org.holdfast.seal.KeyFileFormat;
import org.holdfast.seal.KeyFileReading;
import org.holdfast.seal.KeyFileStore;

/// What the story looks at with its own eyes, and does not take its children's word for.
final class Proofs {
  private static final int READERS = 4;
  private static final int DIFFERENCES_MAX = 20;

  private final Surroundings surroundings;

  Proofs(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  /// A path beside what was restored of it.
  Comparison compare(String path, Path target) throws HoldfastException, IOException {
    byte[] original = path.getBytes(StandardCharsets.UTF_8);
    byte[] restored = (target + path).getBytes(StandardCharsets.UTF_8);
    boolean ignoresOwners;
    try (PosixTarget abilities =
        PosixTarget.open(target.toString().getBytes(StandardCharsets.UTF_8))) {
      ignoresOwners = abilities.expectedShortfalls().contains(Shortfall.OWNER);
    }
    TreeComparer comparer =
        new TreeComparer(
            surroundings.spawner(),
            new TreeComparer.Options(false, ignoresOwners, READERS, DIFFERENCES_MAX));
    try (SourceTree one = PosixTree.open(original);
        SourceTree two = PosixTree.open(restored)) {
      return comparer.compare(one, two);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RefusedException("interrupted", e);
    }
  }

  /// The key file opens nothing, and whoever has it and speaks the protocol himself is given
  /// nothing either.
  void checkServerRefuses(Path writeKey) throws HoldfastException {
    KeyFile keyFile = open(writeKey);
    if (!keyFile.keys().rights().equals(java.util.Set.of(Right.WRITE))) {
      throw new RefusedException("the derived key can do more than write");
    }
    MachineId machine = keyFile.machineId();
    ServiceAddress.Remote at =
        (ServiceAddress.Remote) ServiceAddress.parse(keyFile.services().getFirst());
    try (Session session =
        new Links(surroundings).session(at, keyFile.serverKey().orElseThrow(), "the key file")) {
      session.prove(machine, Right.WRITE, keyFile.keys().write().credential().privateKey());
      Message.StateReply state = session.state(machine);
      BlockName root = state.lastRoot();
      if (root == null) {
        throw new RefusedException("the server knows no archive of this machine");
      }
      checkRefused(() -> session.archives(machine));
      checkRefused(() ->
          session.fetch(
              machine,
              List.of(new BlockRef(BlockClass.ROOT, root)),
              Message.MIN_CREDIT_BYTES,
              new Nothing()));
    }
  }

  private KeyFile open(Path path) throws HoldfastException {
    byte[] bytes = new KeyFileStore(surroundings.random()).read(path);
    if (KeyFileFormat.read(bytes, null) instanceof KeyFileReading.Open open) {
      return open.file();
    }
    throw new RefusedException("the derived key has a passphrase that nobody gave it");
  }

  private static void checkRefused(Request request) throws HoldfastException {
    try {
      request.run();
    } catch (RefusedException e) {
      return;
    }
    throw new RefusedException("the server gave data to a key that can only write");
  }

  private interface Request {
    void run() throws HoldfastException;
  }

  /// Whatever comes is too much.
  private static final class Nothing implements FetchSink<RefusedException> {
    @Override
    public void block(int index, ByteBuffer bytes) {}

    @Override
    public void missing(int index) {}
  }
}
