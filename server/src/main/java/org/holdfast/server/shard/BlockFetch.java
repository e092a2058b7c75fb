package org.holdfast.server.shard;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.log.SegmentId;
import org.holdfast.protocol.BlockRef;
import org.holdfast.server.state.BlockRow;
import org.holdfast.server.state.DurableState;
import org.holdfast.server.state.SegmentRow;

/// Reads blocks that a client asks for, wherever they lie. Those that cleaning has moved meanwhile
/// are looked up and read again; of a block that has several copies, the oldest that can be read is
/// given. Used once.
final class BlockFetch {
  private final ShardService service;
  private final BlockReader blocks;
  private final DamagedCopies damaged;
  private final Spawner spawner;
  private final MachineId machine;
  private final List<BlockRef> refs;
  private final BlockSink sink;

  /// Copies that could not be read.
  private final Set<Tried> tried = new HashSet<>();

  BlockFetch(
      ShardService service,
      BlockReader blocks,
      DamagedCopies damaged,
      Spawner spawner,
      MachineId machine,
      List<BlockRef> refs,
      BlockSink sink) {
    this.service = service;
    this.blocks = blocks;
    this.damaged = damaged;
    this.spawner = spawner;
    this.machine = machine;
    this.refs = refs;
    this.sink = sink;
  }

  void run() throws HoldfastException {
    List<Integer> wanted = IntStream.range(0, refs.size()).boxed().toList();
    while (!wanted.isEmpty()) {
      List<Integer> these = wanted;
      List<BlockReader.Placed> placed = service.durable(rows -> place(rows, these));
      Set<Integer> missing = new TreeSet<>(these);
      placed.forEach(block -> missing.remove(block.located().index()));
      for (int each : missing) {
        sink.missing(each);
      }
      List<SpanReads.Unread> unread =
          new SpanReads(blocks, spawner, sink).run(BlockReader.plan(placed));
      unread.stream()
          .filter(SpanReads.Unread::isDamaged)
          .forEach(copy -> tried.add(Tried.of(copy.located())));
      wanted = unread.stream().map(copy -> copy.located().index()).toList();
    }
  }

  /// Where these of the blocks lie; those that are not there, or not visible, are left out.
  private List<BlockReader.Placed> place(DurableState rows, List<Integer> wanted)
      throws HoldfastException {
    if (rows.machine(machine).isEmpty()) {
      throw new RefusedException("machine " + machine + " is not registered here");
    }
    List<BlockReader.Placed> placed = new ArrayList<>(wanted.size());
    for (int each : wanted) {
      place(rows, each).ifPresent(placed::add);
    }
    return placed;
  }

  private Optional<BlockReader.Placed> place(DurableState rows, int index) {
    BlockRef ref = refs.get(index);
    while (true) {
      Predicate<BlockRow> isLeft = copy -> !tried.contains(new Tried(index, copy.record()));
      Optional<BlockRow> row =
          visible(rows, ref, isLeft.and(copy -> !damaged.contains(copy)))
              // It may have been put back meanwhile.
              .or(() -> visible(rows, ref, isLeft));
      if (row.isEmpty()) {
        return Optional.empty();
      }
      SegmentId id = row.get().segmentId(service.number());
      Optional<SegmentRow> segment = rows.segment(id);
      // A segment without a row was cleaned just now: the block has another place by now.
      if (segment.isPresent()) {
        BlockReader.Located located = new BlockReader.Located(index, id, row.get());
        return Optional.of(new BlockReader.Placed(located, segment.get().headerLength()));
      }
    }
  }

  private Optional<BlockRow> visible(DurableState rows, BlockRef ref, Predicate<BlockRow> isMeant) {
    return rows.visible(machine, ref.blockClass(), ref.name(), -1, isMeant);
  }

  /// A copy, by the block's place in the request and the record that stored it.
  private record Tried(int index, long record) {
    static Tried of(BlockReader.Located copy) {
      return new Tried(copy.index(), copy.row().record());
    }
  }
}
