package org.holdfast.server.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.MachineId;
import org.holdfast.log.LogRecord;
import org.holdfast.server.index.Index;

/// What a state holds of one machine that a restore can use: visible copies of its blocks, and its
/// visible archives; for a log that holds nothing else (`docs/format.md`, "Exports").
///
/// It is as of the moment when it was made, less what was deleted since: the index may go on, and
/// copies may move. What was stored or committed later is left out.
///
/// Used by one thread, while nobody else writes to the index.
public final class MachineExtract {
  /// Rows that are read at a time.
  private static final int PAGE = 1000;

  private final Index index;
  private final MachineId machine;
  private final MachineRow row;
  private final long nextRecord;
  private final SortedMap<BlockName, ArchiveRow> archives;
  private final Visibility visibility;

  /// Of an index that a replay has brought to the log's end, and that knows the machine.
  public MachineExtract(Index index, MachineId machine) throws CorruptException {
    this.index = index;
    this.machine = machine;
    this.visibility = new Visibility(key -> Optional.ofNullable(index.get(key.toArray())));
    this.nextRecord = ShardState.position(index).nextRecord();
    this.row = settled(MachineRow.decode(value(Keys.machine(machine))));
    this.archives = visibleArchives();
  }

  /// As if its open transaction had been cancelled.
  private MachineRow settled(MachineRow now) {
    MachineRow without = now.withOpen(MachineRow.Transaction.NONE, false);
    return visibility
        .unfinished(machine, now.open().begun())
        .filter(UnfinishedRow::hasArchive)
        .map(open -> without.withArchive(open.sequence(), open.root()))
        .orElse(without);
  }

  /// The number of the first record that is not in it.
  public long nextRecord() {
    return nextRecord;
  }

  /// Hands over all copies, each with the record that says the same in a log of its own.
  public void eachCopy(CopySink sink) throws CorruptException {
    eachCopy(Keys.blocks(machine), sink);
    eachCopy(Keys.older(machine), sink);
  }

  private void eachCopy(Bytes prefix, CopySink sink) throws CorruptException {
    byte[] after = prefix.toArray();
    List<Index.Row> page;
    do {
      page = index.page(prefix.toArray(), after, PAGE);
      for (Index.Row each : page) {
        BlockRow copy = BlockRow.decode(each.value());
        if (isIn(copy)) {
          Bytes key = Bytes.wrap(each.key());
          sink.copy(record(Keys.kind(key), Keys.name(key), copy), copy);
        }
      }
      after = page.isEmpty() ? after : page.getLast().key();
    } while (page.size() == PAGE);
  }

  /// The copy whose data lies with a record, as the record says: if it is in here, and lies there
  /// now.
  public Optional<LogRecord.CopyMoved> copy(LogRecord item, BlockRow there) {
    return switch (item) {
      case LogRecord.BlockStored r -> copy(r.machine(), r.kind(), r.name(), there);
      case LogRecord.BlockStoredAgain r -> copy(r.machine(), r.kind(), r.name(), there);
      case LogRecord.CopyMoved r -> copy(r.machine(), r.kind(), r.name(), there);
      default -> Optional.empty();
    };
  }

  private Optional<LogRecord.CopyMoved> copy(
      MachineId whose, BlockClass kind, BlockName name, BlockRow there) {
    if (!whose.equals(machine)) {
      return Optional.empty();
    }
    return copy(kind, name, there.record())
        .filter(now -> now.epoch() == there.epoch() && now.segment() == there.segment())
        .filter(now -> now.dataOffset() == there.dataOffset())
        .filter(this::isIn)
        .map(now -> record(kind, name, now));
  }

  private Optional<BlockRow> copy(BlockClass kind, BlockName name, long record) {
    return row(Keys.block(machine, kind, name))
        .filter(newest -> newest.record() == record)
        .or(() -> row(Keys.older(machine, kind, name, record)));
  }

  private Optional<BlockRow> row(Bytes key) {
    return Optional.ofNullable(index.get(key.toArray())).map(BlockRow::decode);
  }

  private boolean isIn(BlockRow copy) {
    return copy.record() < nextRecord && visibility.isVisible(machine, copy, 0);
  }

  /// For a log that knows of no transaction but committed ones.
  private LogRecord.CopyMoved record(BlockClass kind, BlockName name, BlockRow copy) {
    return new LogRecord.CopyMoved(
        machine, copy.begun(), kind, name, copy.length(), copy.crc(), copy.record(), 0);
  }

  /// All other rows, for a log that holds so many copies of so many bytes; in an order in which a
  /// row comes after those that it follows from.
  public List<LogRecord> rows(long copies, long bytes) {
    List<LogRecord> rows = new ArrayList<>();
    rows.add(asItIs(Keys.account(row.account())));
    // Another account's, if the machine was moved, of which nobody is to hear.
    Bytes invite = Keys.invite(row.invite());
    rows.add(restated(invite, InviteRow.decode(value(invite)).of(row.account()).encode()));
    archives.keySet().retainAll(visibleArchives().keySet());
    archives.forEach(
        (root, each) -> rows.add(restated(Keys.archive(machine, root), each.encode())));
    MachineRow counted = row.plus(copies - row.blocks(), bytes - row.bytes());
    rows.add(restated(Keys.machine(machine), counted.encode()));
    return rows;
  }

  private SortedMap<BlockName, ArchiveRow> visibleArchives() {
    DurableState durable = new DurableState(index);
    SortedMap<BlockName, ArchiveRow> all = new TreeMap<>();
    SortedMap<BlockName, ArchiveRow> page;
    do {
      Optional<BlockName> after = all.isEmpty() ? Optional.empty() : Optional.of(all.lastKey());
      page = durable.archives(machine, after, PAGE);
      all.putAll(page);
    } while (!page.isEmpty());
    return all;
  }

  private LogRecord asItIs(Bytes key) {
    return restated(key, value(key));
  }

  private byte[] value(Bytes key) {
    return Objects.requireNonNull(index.get(key.toArray()), "a row that a machine refers to");
  }

  private static LogRecord restated(Bytes key, byte[] value) {
    return new LogRecord.RowRestated(key, Optional.of(Bytes.wrap(value)));
  }

  /// Takes copies.
  public interface CopySink {
    void copy(LogRecord.CopyMoved record, BlockRow copy);
  }
}
