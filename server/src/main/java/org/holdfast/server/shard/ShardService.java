package org.holdfast.server.shard;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.holdfast.bucket.Bucket;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.ServiceId;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogKey;
import org.holdfast.log.LogRecord;
import org.holdfast.log.LogWriter;
import org.holdfast.log.SegmentId;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.Message;
import org.holdfast.server.state.MachineRow;
import org.holdfast.server.state.Position;
import org.holdfast.server.state.ShardState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A shard that serves: the owner's loop, the log it writes, the bucket it reads.
///
/// Any thread may call; every call that touches state is an event of the loop.
public final class ShardService {
  private static final Logger LOG = LoggerFactory.getLogger(ShardService.class);

  private final Bucket bucket;
  private final Clock clock;
  private final Spawner spawner;
  private final long lingerMillis;
  private final BlockReader blocks;
  private final ShardLoop loop = new ShardLoop();
  private final Shard shard;

  /// Serves reads only until [#own]. `lingerMillis` is how long a commit waits for others to share
  /// its segment. `whenStopped` hears once why the log cannot be written any more.
  public ShardService(
      int number,
      ShardState state,
      Bucket bucket,
      Clock clock,
      Spawner spawner,
      long lingerMillis,
      Consumer<Exception> whenStopped) {
    this.bucket = bucket;
    this.clock = clock;
    this.spawner = spawner;
    this.lingerMillis = lingerMillis;
    this.blocks = new BlockReader(bucket);
    Consumer<Exception> tell = once(whenStopped);
    this.shard = new Shard(number, state, this::flushLater, tell::accept);
    loop.start(spawner, "shard " + number, defect -> broken(defect, tell));
  }

  /// Starts to write epoch `epoch`, which this process has fenced off for itself.
  public void own(ServiceId service, LogKey key, int shardNumber, int epoch, Bytes owner)
      throws HoldfastException {
    SegmentStore store =
        new SegmentStore(
            bucket, clock, spawner, (id, failure) -> loop.post(() -> shard.stored(id, failure)));
    LogRecord.EpochBegun term = new LogRecord.EpochBegun(epoch, owner, clock.wallMillis());
    loop.call(() -> {
      SegmentId first = SegmentId.first(shardNumber, epoch);
      long next = shard.position().nextRecord();
      shard.own(new LogWriter(service, key, first, next, clock, store), term);
      return shard;
    });
  }

  /// Makes what is appended durable, then ends the loop. The index may be flushed and closed after.
  public void close() throws HoldfastException {
    try {
      ShardLoop.await(later(shard::durable));
    } finally {
      loop.stop();
    }
  }

  /// Ends the loop; what is not durable by then is not made so.
  public void stop() {
    loop.stop();
  }

  /// Waits until every record appended so far is durable.
  public void awaitDurable() throws HoldfastException {
    ShardLoop.await(later(shard::durable));
  }

  public Position position() throws HoldfastException {
    return loop.call(shard::position);
  }

  /// Reads the state, on the owner's thread.
  public <T> T read(Question<T> question) throws HoldfastException {
    return loop.call(() -> question.ask(shard.state()));
  }

  /// Appends the records that `decide` makes of the state, and waits until they are durable.
  public void write(Question<List<LogRecord>> decide) throws HoldfastException {
    ShardLoop.await(
        later(() ->
            shard.whenRoom(
                0,
                () -> {
                  for (LogRecord item : decide.ask(shard.state())) {
                    shard.append(item);
                  }
                  return shard.durable();
                })));
  }

  /// The machine's row; what it says is durable.
  public MachineRow machine(MachineId id) throws HoldfastException {
    return readDurable(id, _ -> shard.machine(id));
  }

  /// Reads what the state says of a machine, and answers once that is durable: what comes while it
  /// waits is not part of the answer.
  public <T> T readDurable(MachineId id, Question<T> question) throws HoldfastException {
    return ShardLoop.await(
        later(() -> {
          T answer = question.ask(shard.state());
          return shard.settled(id).thenApply(_ -> answer);
        }));
  }

  public boolean begin(Message.Begin request) throws HoldfastException {
    return ShardLoop.await(
        later(() ->
            shard.whenRoom(
                0,
                () ->
                    CompletableFuture.completedFuture(
                        shard.begin(
                            request.machine(), request.transaction(), request.predecessor())))));
  }

  public BitSet has(Message.Has request) throws HoldfastException {
    return loop.call(() -> shard.has(request));
  }

  /// Completes when the block has its place in a segment; only then is the caller's credit back.
  public CompletableFuture<Void> store(Message.Store request, int crc) {
    return later(() -> shard.store(request, crc));
  }

  public void checkpoint(Message.Checkpoint request) throws HoldfastException {
    ShardLoop.await(
        later(() -> shard.whenRoom(0, () -> shard.checkpoint(request, clock.wallMillis()))));
  }

  public void commit(Message.Commit request) throws HoldfastException {
    ShardLoop.await(
        later(() -> shard.whenRoom(0, () -> shard.commit(request, clock.wallMillis()))));
  }

  public void cancel(Message.Cancel request) throws HoldfastException {
    ShardLoop.await(
        later(
            () -> shard.whenRoom(0, () -> shard.cancel(request.machine(), request.transaction()))));
  }

  /// Reads blocks and hands each to the sink, in the order in which they lie in the bucket, one
  /// request ahead. Blocks that were never stored are handed over as missing, first; those that are
  /// lost to the bucket are so in their turn, and all others come all the same.
  public void fetch(MachineId machine, List<BlockRef> refs, BlockSink sink)
      throws HoldfastException {
    List<Shard.Located> located = locate(machine, refs);
    BitSet found = new BitSet(refs.size());
    located.forEach(block -> found.set(block.index()));
    for (int i = found.nextClearBit(0); i < refs.size(); i = found.nextClearBit(i + 1)) {
      sink.missing(i);
    }
    List<BlockReader.Span> spans = BlockReader.plan(place(located));
    CompletableFuture<BlockReader.Reading> ahead =
        CompletableFuture.completedFuture(BlockReader.Reading.NOTHING);
    for (int i = 0; i <= spans.size(); i++) {
      BlockReader.Reading ready = ShardLoop.await(ahead);
      if (i < spans.size()) {
        ahead = readLater(spans.get(i));
      }
      if (ready.damage().isPresent()) {
        sink.damaged(spans.get(i - 1).segment(), ready.damage().get());
      }
      for (BlockReader.Read block : ready.blocks()) {
        if (block.bytes().isPresent()) {
          sink.block(block.located().index(), block.bytes().get());
        } else {
          sink.missing(block.located().index());
        }
      }
    }
  }

  private List<Shard.Located> locate(MachineId machine, List<BlockRef> refs)
      throws HoldfastException {
    return ShardLoop.await(
        later(() -> {
          List<Shard.Located> located = shard.locate(machine, refs);
          return shard.settled(machine, located).thenApply(_ -> located);
        }));
  }

  private List<BlockReader.Placed> place(List<Shard.Located> located) throws HoldfastException {
    return loop.call(() -> {
      List<BlockReader.Placed> placed = new ArrayList<>(located.size());
      for (Shard.Located block : located) {
        int header = shard.segment(block.segment()).orElseThrow().headerLength();
        placed.add(new BlockReader.Placed(block, header));
      }
      return placed;
    });
  }

  private CompletableFuture<BlockReader.Reading> readLater(BlockReader.Span span) {
    CompletableFuture<BlockReader.Reading> result = new CompletableFuture<>();
    spawner.spawn(
        "fetch",
        () -> {
          try {
            result.complete(blocks.read(span));
          } catch (HoldfastException | RuntimeException | Error e) {
            // Also for want of memory: whoever waits must hear of it.
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  /// The owner has met a defect, or its disk fails: whoever waits is told.
  private void broken(RuntimeException defect, Consumer<Exception> tell) {
    tell.accept(defect);
    try {
      shard.stop(
          new UnavailableException("the server has met a defect of its own: " + defect, defect));
    } catch (RuntimeException e) {
      LOG.error("stopping after a defect failed too", e);
    }
  }

  /// Hears the first reason only; what it throws does not stop the shard's reads.
  private static Consumer<Exception> once(Consumer<Exception> whenStopped) {
    AtomicBoolean heard = new AtomicBoolean();
    return reason -> {
      if (heard.compareAndSet(false, true)) {
        try {
          whenStopped.accept(reason);
        } catch (RuntimeException e) {
          LOG.error("telling that backups have stopped failed", e);
        }
      }
    };
  }

  private void flushLater() {
    if (lingerMillis == 0) {
      loop.post(shard::flush);
      return;
    }
    spawner.spawn(
        "linger",
        () -> {
          try {
            clock.sleepMillis(lingerMillis);
            loop.post(shard::flush);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  // The inner future is what the outer one becomes: it is not dropped.
  @SuppressWarnings("FutureReturnValueIgnored")
  private <T> CompletableFuture<T> later(ShardLoop.Event<CompletableFuture<T>> event) {
    return loop.submit(event).thenCompose(done -> done);
  }

  /// Something that only the owner may look up.
  public interface Question<T> {
    T ask(ShardState state) throws HoldfastException;
  }

  /// Takes blocks.
  public interface BlockSink {
    void block(int index, java.nio.ByteBuffer bytes) throws UnavailableException;

    /// It was never stored, or is not visible, or is lost to the bucket.
    void missing(int index) throws UnavailableException;

    /// An object is not what was stored. Blocks that are lost by it are handed over as missing
    /// besides.
    void damaged(SegmentId segment, Damage damage);
  }
}
