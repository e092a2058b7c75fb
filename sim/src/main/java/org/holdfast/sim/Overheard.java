package org.holdfast.sim;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.CorruptException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.protocol.BlockBytes;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Received;
import org.holdfast.protocol.Share;

/// A client's end of a connection: which blocks it asks for on it, and is told that are not there,
/// and when it commits.
///
/// Like a socket, and unlike the pipe below, it is done with a block's bytes when they are sent:
/// what a client seals into arrays that it uses again is checked too.
final class Overheard implements Connection {
  private final Connection inner;
  private final Loop loop;
  private final LongSupplier known;
  private final Runnable whenCommits;
  private final Map<Integer, Asked> asked = new HashMap<>();
  private final Set<Ledger.Block> wanted = new HashSet<>();
  private final List<Missed> missed = new ArrayList<>();

  /// `whenCommits` runs before a commit is asked for.
  Overheard(Connection inner, Loop loop, Runnable whenCommits) {
    this(inner, loop, () -> 0, whenCommits);
  }

  private Overheard(Connection inner, Loop loop, LongSupplier known, Runnable whenCommits) {
    this.inner = inner;
    this.loop = loop;
    this.known = known;
    this.whenCommits = whenCommits;
  }

  /// `known` is up to which record who answers knows the log at least.
  Overheard(Connection inner, Loop loop, LongSupplier known) {
    this(inner, loop, known, () -> {});
  }

  /// What was asked for and not given so far, in its order.
  List<Missed> missed() {
    return missed;
  }

  /// All blocks that were asked for since this was asked the last time.
  Set<Ledger.Block> wanted() {
    Set<Ledger.Block> since = Set.copyOf(wanted);
    wanted.clear();
    return since;
  }

  @Override
  public void send(int stream, Message message) throws UnavailableException {
    if (message instanceof Message.Fetch fetch) {
      asked.put(stream, new Asked(fetch, loop.nowNanos(), known.getAsLong()));
      fetch
          .blocks()
          .forEach(
              ref -> wanted.add(new Ledger.Block(fetch.machine(), ref.blockClass(), ref.name())));
    }
    if (message instanceof Message.Commit) {
      whenCommits.run();
    }
    inner.send(stream, message instanceof Message.Store store ? copy(store) : message);
  }

  private static Message.Store copy(Message.Store store) {
    ByteBuffer bytes = ByteBuffer.allocate(store.bytes().length());
    store.bytes().parts().forEach(bytes::put);
    return new Message.Store(
        store.machine(),
        store.transaction(),
        store.blockClass(),
        store.name(),
        BlockBytes.of(bytes.flip()));
  }

  @Override
  public Optional<Received> receive() throws CorruptException, UnavailableException {
    Optional<Received> received = inner.receive();
    if (received.isPresent()
        && received.get().message() instanceof Message.Block block
        && block.bytes() == null) {
      Asked by = asked.get(received.get().stream());
      if (by != null) {
        BlockRef ref = by.fetch.blocks().get(block.index());
        missed.add(
            new Missed(
                new Ledger.Block(by.fetch.machine(), ref.blockClass(), ref.name()),
                by.nanos,
                by.known));
      }
    }
    return received;
  }

  @Override
  public boolean keepsBytes() {
    return false;
  }

  @Override
  public long sentBytes() {
    return inner.sentBytes();
  }

  @Override
  public void limitPayload(int bytes) {
    inner.limitPayload(bytes);
  }

  @Override
  public void meterStores(Share share, Clock clock, Spawner spawner) {
    inner.meterStores(share, clock, spawner);
  }

  @Override
  public void giveBack(int leasedBytes) {
    inner.giveBack(leasedBytes);
  }

  @Override
  public Bytes binding() {
    return inner.binding();
  }

  @Override
  public Bytes serverKey() {
    return inner.serverKey();
  }

  @Override
  public String peer() {
    return inner.peer();
  }

  @Override
  public void close() {
    inner.close();
  }

  private record Asked(Message.Fetch fetch, long nanos, long known) {}

  /// A block that was not given, when it was asked for, and up to which record the log was known by
  /// then.
  record Missed(Ledger.Block block, long askedNanos, long known) {}
}
