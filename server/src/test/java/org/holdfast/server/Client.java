package org.holdfast.server;

import java.nio.ByteBuffer;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.holdfast.core.AccountId;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.InviteId;
import org.holdfast.core.MachineId;
import org.holdfast.core.Right;
import org.holdfast.core.TransactionId;
import org.holdfast.log.LogRecord;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.FetchSink;
import org.holdfast.protocol.RightKey;
import org.holdfast.protocol.Session;
import org.holdfast.server.shard.ShardService;

/// A machine as a client has it: ids, keys, an invite, and the few things tests do with a session.
final class Client {
  static final SecureRandom RANDOM = new SecureRandom();

  final MachineId machine;
  final InviteId invite = InviteId.random(RANDOM);
  final Bytes secret = BlockName.random(RANDOM).bytes();
  final List<RightKey> keys;
  final List<BlockRef> order = new CopyOnWriteArrayList<>();

  Client() {
    machine = MachineId.random(RANDOM);
    keys = List.of(key(Right.WRITE), key(Right.READ), key(Right.TIDY), key(Right.NUKE));
  }

  /// Another one that calls itself so, with keys of its own.
  Client(MachineId pretended) {
    machine = pretended;
    keys = List.of(key(Right.WRITE), key(Right.READ), key(Right.TIDY), key(Right.NUKE));
  }

  /// The same machine at work a second time.
  Client(Client same) {
    machine = same.machine;
    keys = same.keys;
  }

  static RightKey key(Right right) {
    try {
      KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
      byte[] encoded = pair.getPublic().getEncoded();
      Bytes raw = Bytes.wrap(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length));
      return new RightKey(right, raw, pair.getPrivate());
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  Client invited(ShardService shard, String name, long expiryMillis) throws Exception {
    AccountId account = AccountId.random(RANDOM);
    Bytes hash = Bytes.wrap(MessageDigest.getInstance("SHA-256").digest(secret.toArray()));
    shard.write(_ ->
        List.of(
            new LogRecord.AccountOpened(account, "account"),
            new LogRecord.InviteMade(invite, account, hash, name, expiryMillis)));
    return this;
  }

  void register(Session session) throws HoldfastException {
    session.register(invite, secret, machine, "laptop", keys);
  }

  void prove(Session session, Right right) throws HoldfastException {
    RightKey key = keys.stream().filter(each -> each.right() == right).findFirst().orElseThrow();
    session.prove(machine, right, key.privateKey());
  }

  /// Begins after what is committed.
  TransactionId begin(Session session) throws HoldfastException {
    TransactionId transaction = TransactionId.random(RANDOM);
    session.begin(machine, transaction, session.state(machine).committed());
    return transaction;
  }

  BlockRef store(Session session, TransactionId transaction, BlockClass kind, byte[] bytes)
      throws HoldfastException {
    BlockName name = BlockName.random(RANDOM);
    session.store(machine, transaction, kind, name, ByteBuffer.wrap(bytes));
    return new BlockRef(kind, name);
  }

  /// A whole backup of these chunks; returns what to fetch.
  List<BlockRef> backUp(Session session, byte[]... chunks) throws HoldfastException {
    long sequence = session.state(machine).highestSequence() + 1;
    TransactionId transaction = begin(session);
    List<BlockRef> refs = new ArrayList<>();
    for (byte[] chunk : chunks) {
      refs.add(store(session, transaction, BlockClass.CHUNK, chunk));
    }
    BlockRef root = store(session, transaction, BlockClass.ROOT, new byte[] {1});
    session.commit(machine, transaction, root.name(), sequence);
    return refs;
  }

  /// By index in the request; what the server does not have is absent. Notes the order.
  Map<Integer, byte[]> fetch(Session session, List<BlockRef> refs) throws HoldfastException {
    Map<Integer, byte[]> found = new HashMap<>();
    order.clear();
    session.fetch(
        machine,
        refs,
        16 << 20,
        new FetchSink<RuntimeException>() {
          @Override
          public void block(int index, ByteBuffer bytes) {
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            found.put(index, copy);
            order.add(refs.get(index));
          }

          @Override
          public void missing(int index) {}
        });
    return found;
  }
}
