package org.holdfast.server.shard;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.server.shard.ShardService.BlockSink;

/// Reads the spans of one fetch and hands their blocks to a sink, one read ahead where the sink has
/// room for it.
///
/// Only the first read waits for room, and holds none while it does: fetches that share a budget
/// never wait for each other in a circle. Each read's memory is released once, also when the fetch
/// fails.
final class SpanReads {
  private final BlockReader blocks;
  private final Spawner spawner;
  private final BlockSink sink;

  SpanReads(BlockReader blocks, Spawner spawner, BlockSink sink) {
    this.blocks = blocks;
    this.spawner = spawner;
    this.sink = sink;
  }

  void run(List<BlockReader.Span> spans) throws HoldfastException {
    Optional<Started> ahead = Optional.empty();
    try {
      for (int i = 0; i < spans.size(); i++) {
        Started current = ahead.isPresent() ? ahead.get() : startWhenRoom(spans.get(i));
        ahead = Optional.empty();
        try {
          if (i + 1 < spans.size()) {
            ahead = tryStart(spans.get(i + 1));
          }
          handOver(current.span, ShardLoop.await(current.result));
        } finally {
          releaseWhenRead(current);
        }
      }
    } finally {
      ahead.ifPresent(this::releaseWhenRead);
    }
  }

  private Started startWhenRoom(BlockReader.Span span) throws UnavailableException {
    sink.reserve(span.blockLength(), span.readLengthMax());
    return start(span);
  }

  private Optional<Started> tryStart(BlockReader.Span span) {
    return sink.tryReserve(span.blockLength(), span.readLengthMax())
        ? Optional.of(start(span))
        : Optional.empty();
  }

  private Started start(BlockReader.Span span) {
    CompletableFuture<BlockReader.Reading> result = new CompletableFuture<>();
    boolean started = false;
    try {
      spawner.spawn(
          "fetch",
          () -> {
            try {
              result.complete(blocks.read(span, sink::isOver));
            } catch (Throwable e) {
              // Unheard, it would leave the client waiting.
              result.completeExceptionally(e);
            }
          });
      started = true;
    } finally {
      if (!started) {
        sink.release(span.readLengthMax());
      }
    }
    return new Started(span, result);
  }

  private void handOver(BlockReader.Span span, BlockReader.Reading ready)
      throws UnavailableException {
    ready.damage().ifPresent(damage -> sink.damaged(span.segment(), damage));
    for (BlockReader.Read block : ready.blocks()) {
      BlockReader.Located located = block.located();
      if (block.bytes().isPresent()) {
        sink.block(located.index(), block.bytes().get());
      } else {
        sink.lost(located.index(), located.row().length());
      }
    }
  }

  // The read's end is all that is waited for, not its result.
  @SuppressWarnings("FutureReturnValueIgnored")
  private void releaseWhenRead(Started read) {
    read.result.whenComplete((_, _) -> sink.release(read.span.readLengthMax()));
  }

  private record Started(BlockReader.Span span, CompletableFuture<BlockReader.Reading> result) {}
}
