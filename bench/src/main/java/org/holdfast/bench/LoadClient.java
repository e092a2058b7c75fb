package org.holdfast.bench;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.Right;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.core.TransactionId;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.FetchSink;
import org.holdfast.protocol.InviteToken;
import org.holdfast.protocol.RightKey;
import org.holdfast.protocol.Session;
import org.holdfast.protocol.TlsConnector;

/// A machine that stores and fetches blocks over TLS, without the work that a real client has with
/// files: what it waits for is the server. One thread owns it.
final class LoadClient {
  static final int BLOCK_LENGTH_MIN = 16 << 10;
  static final int BLOCK_LENGTH_MAX = 512 << 10;

  private static final int CONNECT_MILLIS = 60_000;
  private static final int FETCH_CREDIT = 16 << 20;
  private static final Clock CLOCK = new SystemClock();
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final byte[] CONTENT = new byte[BLOCK_LENGTH_MAX];

  private final MachineId id = MachineId.random(RANDOM);
  private final RightKey write;
  private final RightKey read;
  private final Session session;

  /// Registers it with an invite; it may store and fetch from then on.
  LoadClient(int port, InviteToken invite) throws HoldfastException, GeneralSecurityException {
    write = key(Right.WRITE);
    read = key(Right.READ);
    session =
        Session.open(
            new TlsConnector(RANDOM, CLOCK, Spawner.virtual(), CONNECT_MILLIS, CONNECT_MILLIS)
                .connect("127.0.0.1", port, invite.serverKey()),
            CLOCK,
            Spawner.virtual(),
            "bench");
    session.register(
        invite.invite(),
        invite.secret(),
        id,
        "load",
        List.of(write, read, key(Right.TIDY), key(Right.NUKE)));
    session.prove(id, Right.WRITE, write.privateKey());
    session.prove(id, Right.READ, read.privateKey());
  }

  private static RightKey key(Right right) throws GeneralSecurityException {
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    byte[] encoded = pair.getPublic().getEncoded();
    Bytes raw = Bytes.wrap(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length));
    return new RightKey(right, raw, pair.getPrivate());
  }

  /// Stores blocks of these lengths in one backup, and returns when it is durable.
  List<BlockRef> backUp(int... lengths) throws HoldfastException {
    TransactionId transaction = TransactionId.random(RANDOM);
    var state = session.state(id);
    session.begin(id, transaction, state.committed());
    List<BlockRef> blocks = new ArrayList<>();
    for (int length : lengths) {
      BlockName name = BlockName.random(RANDOM);
      session.store(
          id, transaction, BlockClass.CHUNK, name, ByteBuffer.wrap(CONTENT, 0, length).slice());
      blocks.add(new BlockRef(BlockClass.CHUNK, name));
    }
    BlockName root = BlockName.random(RANDOM);
    session.store(id, transaction, BlockClass.ROOT, root, ByteBuffer.wrap(new byte[] {1}));
    session.commit(id, transaction, root, state.highestSequence() + 1);
    return blocks;
  }

  /// Returns when all of them have come.
  void fetch(List<BlockRef> blocks) throws HoldfastException {
    session.fetch(
        id,
        blocks,
        FETCH_CREDIT,
        new FetchSink<RuntimeException>() {
          @Override
          public void block(int index, ByteBuffer block) {}

          @Override
          public void missing(int index) {
            throw new IllegalStateException("a block that was committed is missing");
          }
        });
  }

  void close() {
    session.close();
  }
}
