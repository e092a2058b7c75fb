package org.holdfast.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.CorruptException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Received;
import org.holdfast.protocol.Share;

/// A client's end of a connection, and which blocks it is told on it are not there.
final class Overheard implements Connection {
  private final Connection inner;
  private final Loop loop;
  private final LongSupplier known;
  private final Map<Integer, Asked> asked = new HashMap<>();
  private final List<Missed> missed = new ArrayList<>();

  /// `known` is up to which record who answers knows the log at least.
  Overheard(Connection inner, Loop loop, LongSupplier known) {
    this.inner = inner;
    this.loop = loop;
    this.known = known;
  }

  /// What was asked for and not given so far, in its order.
  List<Missed> missed() {
    return missed;
  }

  @Override
  public void send(int stream, Message message) throws UnavailableException {
    if (message instanceof Message.Fetch fetch) {
      asked.put(stream, new Asked(fetch, loop.nowNanos(), known.getAsLong()));
    }
    inner.send(stream, message);
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
