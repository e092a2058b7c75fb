package org.holdfast.server.shard;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;

/// Reads the spans of one fetch, several at a time as far as the sink has room for them, and hands
/// their blocks over as they come.
///
/// A read waits for room only where no other is under way, and holds none while it does: fetches
/// that share a budget never wait for each other in a circle. Each read's memory is released once,
/// also when the fetch fails.
final class SpanReads {
  private final BlockReader blocks;
  private final Spawner spawner;
  private final BlockSink sink;
  private final Set<Started> underWay = new LinkedHashSet<>();
  private final List<Unread> unread = new ArrayList<>();
  private final BlockingQueue<Started> done = new LinkedBlockingQueue<>();

  SpanReads(BlockReader blocks, Spawner spawner, BlockSink sink) {
    this.blocks = blocks;
    this.spawner = spawner;
    this.sink = sink;
  }

  /// Hands over all of these, but for those that were not found because their segments were cleaned
  /// meanwhile, and those that are damaged: answers these. Called once.
  List<Unread> run(List<BlockReader.Span> spans) throws HoldfastException {
    Deque<BlockReader.Span> waiting = new ArrayDeque<>(spans);
    try {
      while (!waiting.isEmpty() || !underWay.isEmpty()) {
        startAsMany(waiting);
        Started next = next();
        try {
          handOver(next.span, ShardLoop.await(next.result));
        } finally {
          sink.release(next.span.readLengthMax());
        }
      }
    } finally {
      underWay.forEach(this::releaseWhenRead);
    }
    return unread;
  }

  private void startAsMany(Deque<BlockReader.Span> waiting) throws UnavailableException {
    while (!waiting.isEmpty()) {
      BlockReader.Span span = waiting.getFirst();
      if (underWay.isEmpty()) {
        sink.reserve(span.blockLength(), span.readLengthMax());
      } else if (!sink.tryReserve(span.blockLength(), span.readLengthMax())) {
        return;
      }
      start(waiting.removeFirst());
    }
  }

  private void start(BlockReader.Span span) {
    Started started = new Started(span, new CompletableFuture<>());
    boolean spawned = false;
    try {
      spawner.spawn("fetch", () -> read(started));
      spawned = true;
    } finally {
      if (!spawned) {
        sink.release(span.readLengthMax());
      }
    }
    underWay.add(started);
  }

  private void read(Started started) {
    try {
      started.result.complete(blocks.read(started.span, sink::isOver));
    } catch (Throwable e) {
      // Unheard, it would leave the client waiting.
      started.result.completeExceptionally(e);
    }
    done.add(started);
  }

  private Started next() throws UnavailableException {
    try {
      Started next = done.take();
      underWay.remove(next);
      return next;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ShardLoop.stopped();
    }
  }

  private void handOver(BlockReader.Span span, BlockReader.Reading ready)
      throws UnavailableException {
    ready.damage().ifPresent(damage -> sink.damaged(span.segment(), damage));
    for (BlockReader.Read block : ready.blocks()) {
      BlockReader.Located located = block.located();
      if (block.bytes().isPresent()) {
        sink.block(located.index(), block.bytes().get());
      } else {
        sink.unread(located.row().length());
        unread.add(new Unread(located, !ready.wasCleaned()));
      }
    }
  }

  // The read's end is all that is waited for, not its result.
  @SuppressWarnings("FutureReturnValueIgnored")
  private void releaseWhenRead(Started read) {
    read.result.whenComplete((_, _) -> sink.release(read.span.readLengthMax()));
  }

  /// A copy whose bytes were not there: because it is damaged, or because it lies elsewhere.
  record Unread(BlockReader.Located located, boolean isDamaged) {}

  /// A read. Itself and no other: two may be of equal spans.
  private static final class Started {
    final BlockReader.Span span;
    final CompletableFuture<BlockReader.Reading> result;

    Started(BlockReader.Span span, CompletableFuture<BlockReader.Reading> result) {
      this.span = span;
      this.result = result;
    }
  }
}
