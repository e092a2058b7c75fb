package org.holdfast.server.state;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.MachineId;
import org.holdfast.log.SegmentId;
import org.holdfast.server.index.Index;

/// What is durable of a shard's state: the rows of its index, read without the owner.
///
/// The index holds a segment's changes whole or not at all, and holds them before anybody is told
/// that they are durable: what was acknowledged is here. A block's row comes with its transaction's
/// and its segment's, so that what is found through one read after another fits together.
///
/// Remembers transactions that it has looked up: one for each request, used by one thread.
public final class DurableState {
  private final Index index;
  private final Map<Long, Optional<UnfinishedRow>> unfinished = new HashMap<>();

  DurableState(Index index) {
    this.index = index;
  }

  public Optional<MachineRow> machine(MachineId machine) throws CorruptException {
    byte[] row = index.get(Keys.machine(machine).toArray());
    return row == null ? Optional.empty() : Optional.of(MachineRow.decode(row));
  }

  /// The block, if it is committed or was stored by the transaction that began with record `begun`
  /// (0: no transaction).
  public Optional<BlockRow> visible(
      MachineId machine, BlockClass kind, BlockName name, long begun) {
    byte[] row = index.get(Keys.block(machine, kind, name).toArray());
    return Optional.ofNullable(row)
        .map(BlockRow::decode)
        .filter(block -> block.begun() == begun || isKept(machine, block));
  }

  public Optional<SegmentRow> segment(SegmentId id) {
    byte[] row = index.get(Keys.segment(id.epoch(), id.number()).toArray());
    return Optional.ofNullable(row).map(SegmentRow::decode);
  }

  /// Hands every segment that is durable to the sink, in the order of the log.
  public void eachSegment(int shard, BiConsumer<SegmentId, SegmentRow> sink) {
    index.scan(
        Keys.SEGMENTS.toArray(),
        (key, value) -> {
          ByteBuffer in = ByteBuffer.wrap(key, 1, key.length - 1);
          sink.accept(new SegmentId(shard, in.getInt(), in.getLong()), SegmentRow.decode(value));
        });
  }

  /// The machine's first archives, at most `limit`, whose roots come after `after` (empty: from the
  /// start).
  public SortedMap<BlockName, ArchiveRow> archives(
      MachineId machine, Optional<BlockName> after, int limit) {
    Bytes prefix = Keys.archives(machine);
    byte[] start = after.map(root -> Keys.archive(machine, root)).orElse(prefix).toArray();
    List<Index.Row> rows = index.page(prefix.toArray(), start, limit);
    SortedMap<BlockName, ArchiveRow> archives = new TreeMap<>();
    for (Index.Row row : rows) {
      archives.put(
          new BlockName(Bytes.copyOf(row.key(), prefix.length(), row.key().length)),
          ArchiveRow.decode(row.value()));
    }
    return archives;
  }

  private boolean isKept(MachineId machine, BlockRow block) {
    return unfinished
        .computeIfAbsent(
            block.begun(),
            begun ->
                Optional.ofNullable(index.get(Keys.unfinished(machine, begun).toArray()))
                    .map(UnfinishedRow::decode))
        .map(row -> block.record() <= row.checkpoint())
        .orElse(true);
  }
}
