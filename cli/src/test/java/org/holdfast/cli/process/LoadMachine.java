package org.holdfast.cli.process;

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
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.FetchSink;
import org.holdfast.protocol.InviteToken;
import org.holdfast.protocol.RightKey;
import org.holdfast.protocol.Session;
import org.holdfast.protocol.TlsConnector;

/// A machine that stores and fetches blocks of random lengths over TLS, and can vanish in the
/// middle of it. One thread owns it; any may call [#vanish].
final class LoadMachine {
  static final int BLOCK_LENGTH_MIN = 16 << 10;
  static final int BLOCK_LENGTH_MAX = 512 << 10;

  private static final int CONNECT_MILLIS = 60_000;
  private static final int FETCH_CREDIT = 16 << 20;
  private static final Clock CLOCK = new SystemClock();
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final byte[] CONTENT = new byte[BLOCK_LENGTH_MAX];

  private final MachineId id = MachineId.random(RANDOM);
  private final List<RightKey> keys = new ArrayList<>();
  private final int port;
  private final Bytes serverKey;
  private volatile Connection connection;
  private Session session;
  private TransactionId transaction;
  private long sequence;

  /// Registers it with an invite; it has a session then, and no right proven.
  LoadMachine(int port, InviteToken invite) throws Exception {
    this.port = port;
    this.serverKey = invite.serverKey();
    for (Right right : List.of(Right.WRITE, Right.READ, Right.TIDY, Right.NUKE)) {
      keys.add(key(right));
    }
    connect();
    session.register(invite.invite(), invite.secret(), id, "machine", keys);
    leave();
  }

  private static RightKey key(Right right) throws GeneralSecurityException {
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    byte[] encoded = pair.getPublic().getEncoded();
    Bytes raw = Bytes.wrap(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length));
    return new RightKey(right, raw, pair.getPrivate());
  }

  /// Opens a session that has proven nothing.
  void connect() throws HoldfastException {
    connection =
        new TlsConnector(RANDOM, CLOCK, Spawner.virtual(), CONNECT_MILLIS, CONNECT_MILLIS)
            .connect("127.0.0.1", port, serverKey);
    session = Session.open(connection, CLOCK, Spawner.virtual(), "test");
  }

  void connect(Right right) throws HoldfastException {
    connect();
    RightKey key = keys.stream().filter(each -> each.right() == right).findFirst().orElseThrow();
    session.prove(id, right, key.privateKey());
  }

  /// Says goodbye.
  void leave() {
    session.close();
  }

  /// Is gone without a word, with all that it has sent.
  void vanish() {
    connection.close();
  }

  void begin() throws HoldfastException {
    transaction = TransactionId.random(RANDOM);
    var state = session.state(id);
    sequence = state.highestSequence() + 1;
    session.begin(id, transaction, state.committed());
  }

  /// Waits for credit.
  BlockRef store(int length) throws HoldfastException {
    BlockName name = BlockName.random(RANDOM);
    session.store(
        id, transaction, BlockClass.CHUNK, name, ByteBuffer.wrap(CONTENT, 0, length).slice());
    return new BlockRef(BlockClass.CHUNK, name);
  }

  /// Returns when all of it is durable.
  void commit() throws HoldfastException {
    BlockName root = BlockName.random(RANDOM);
    session.store(id, transaction, BlockClass.ROOT, root, ByteBuffer.wrap(new byte[] {1}));
    session.commit(id, transaction, root, sequence);
  }

  /// Returns how many bytes came; all of the blocks must.
  long fetch(List<BlockRef> blocks) throws HoldfastException {
    long[] bytes = new long[1];
    session.fetch(
        id,
        blocks,
        FETCH_CREDIT,
        new FetchSink<RuntimeException>() {
          @Override
          public void block(int index, ByteBuffer block) {
            bytes[0] += block.remaining();
          }

          @Override
          public void missing(int index) {
            throw new AssertionError("a block that was committed is missing");
          }
        });
    return bytes[0];
  }
}
