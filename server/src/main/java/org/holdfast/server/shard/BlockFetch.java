package org.holdfast.server.shard;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
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
/// are looked up and read again. Used once.
final class BlockFetch {
  private final ShardService service;
  private final BlockReader blocks;
  private final Spawner spawner;
  private final MachineId machine;
  private final List<BlockRef> refs;
  private final BlockSink sink;

  BlockFetch(
      ShardService service,
      BlockReader blocks,
      Spawner spawner,
      MachineId machine,
      List<BlockRef> refs,
      BlockSink sink) {
    this.service = service;
    this.blocks = blocks;
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
      wanted = new SpanReads(blocks, spawner, sink).run(BlockReader.plan(placed));
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
      Optional<BlockRow> row = rows.visible(machine, ref.blockClass(), ref.name(), -1);
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
}
