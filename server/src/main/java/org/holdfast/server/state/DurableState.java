package org.holdfast.server.state;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
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
/// that they are durable: what was acknowledged is here. Rows that are read one after the other are
/// of different moments all the same. Two things must not come of it: a copy that nobody kept must
/// not be taken for one that is kept because its transaction was cleared after the copy was read
/// and freed; and a copy that moves to another row must not be missed. So what has led to an answer
/// is read again, unless nothing can have happened.
///
/// Remembers transactions that it has looked up: one for each request, used by one thread.
public final class DurableState {
  /// Rows that are read at a time.
  private static final int PAGE = 1000;

  private final Index index;
  private final Map<Bytes, Optional<byte[]>> known = new HashMap<>();
  private final Visibility visibility = new Visibility(this::transaction);
  private final Map<MachineId, Boolean> hasOlder = new HashMap<>();
  private boolean guessed;

  DurableState(Index index) {
    this.index = index;
  }

  /// How far it has come, and what it is then.
  public Position position() {
    return ShardState.position(index);
  }

  public Optional<MachineRow> machine(MachineId machine) throws CorruptException {
    byte[] row = index.get(Keys.machine(machine).toArray());
    return row == null ? Optional.empty() : Optional.of(MachineRow.decode(row));
  }

  /// The block, if it is committed, or was stored by the transaction that began with record `begun`
  /// (0: no transaction), and is not deleted. Of several copies the oldest: what was stored while
  /// it was hidden may be anything, as names say nothing of what only the client can open.
  public Optional<BlockRow> visible(
      MachineId machine, BlockClass kind, BlockName name, long begun) {
    return visible(machine, kind, name, begun, _ -> true);
  }

  /// As [#visible], of the copies that are meant.
  public Optional<BlockRow> visible(
      MachineId machine, BlockClass kind, BlockName name, long begun, Predicate<BlockRow> isMeant) {
    Predicate<BlockRow> isSeen =
        copy -> visibility.isVisible(machine, copy, begun) && isMeant.test(copy);
    return settled(
        machine,
        kind,
        name,
        (newest, older) ->
            isSeen.test(newest) && !hasOlder(machine)
                ? Optional.of(newest)
                : oldest(newest, older, isSeen));
  }

  private static Optional<BlockRow> oldest(
      BlockRow newest, Older older, Predicate<BlockRow> isMeant) {
    List<BlockRow> copies = new ArrayList<>(List.of(newest));
    copies.addAll(older.get());
    return copies.reversed().stream().filter(isMeant).findFirst();
  }

  /// Spares the blocks of a machine that has none a search for older copies each.
  private boolean hasOlder(MachineId machine) {
    return hasOlder.computeIfAbsent(
        machine,
        _ -> {
          byte[] prefix = Keys.older(machine).toArray();
          return !index.page(prefix, prefix, 1).isEmpty();
        });
  }

  /// Whether the archive's own root is visible: the copy that its transaction has stored.
  private boolean isShown(MachineId machine, BlockName root, ArchiveRow archive) {
    return settled(
            machine,
            BlockClass.ROOT,
            root,
            (newest, older) ->
                oldest(
                    newest,
                    older,
                    copy ->
                        copy.begun() == archive.begun() && visibility.isVisible(machine, copy, 0)))
        .isPresent();
  }

  /// The deletion that hides an archive's own root, and can still be undone.
  private Optional<DeletionRow> hiding(MachineId machine, BlockName root, ArchiveRow archive) {
    return settled(
        machine,
        BlockClass.ROOT,
        root,
        (newest, older) -> {
          List<BlockRow> copies = new ArrayList<>(List.of(newest));
          copies.addAll(older.get());
          copies.removeIf(copy -> copy.begun() != archive.begun());
          if (copies.stream().anyMatch(copy -> visibility.isVisible(machine, copy, 0))) {
            return Optional.empty();
          }
          return copies.stream()
              .filter(copy -> visibility.isKept(machine, copy))
              .flatMap(copy -> visibility.deletion(machine, copy.deletedBy()).stream())
              .filter(row -> row.stage() == DeletionRow.Stage.COMMITTED)
              .max(Comparator.comparingLong(DeletionRow::untilMillis));
        });
  }

  /// Answers from the copies of a block, newest first, as they were at one moment.
  private <T> Optional<T> settled(
      MachineId machine,
      BlockClass kind,
      BlockName name,
      BiFunction<BlockRow, Older, Optional<T>> answer) {
    byte[] key = Keys.block(machine, kind, name).toArray();
    while (true) {
      byte[] newest = index.get(key);
      if (newest == null) {
        return Optional.empty();
      }
      guessed = false;
      Older older = new Older(Keys.older(machine, kind, name));
      Optional<T> found = answer.apply(BlockRow.decode(newest), older);
      // Copies move between their rows only when the newest changes.
      if (!guessed && (!older.isRead || Arrays.equals(newest, index.get(key)))) {
        return found;
      }
    }
  }

  public Optional<SegmentRow> segment(SegmentId id) {
    byte[] row = index.get(Keys.segment(id.epoch(), id.number()).toArray());
    return Optional.ofNullable(row).map(SegmentRow::decode);
  }

  /// The first durable segments behind `after` (empty: from the start of the log), at most `limit`.
  public SortedMap<SegmentId, SegmentRow> segments(
      int shard, Optional<SegmentId> after, int limit) {
    Bytes start = after.map(id -> Keys.segment(id.epoch(), id.number())).orElse(Keys.SEGMENTS);
    SortedMap<SegmentId, SegmentRow> found = new TreeMap<>();
    for (Index.Row row : index.page(Keys.SEGMENTS.toArray(), start.toArray(), limit)) {
      found.put(segmentId(shard, row.key()), SegmentRow.decode(row.value()));
    }
    return found;
  }

  /// Hands every segment that is durable to the sink, in the order of the log.
  public void eachSegment(int shard, BiConsumer<SegmentId, SegmentRow> sink) {
    index.scan(
        Keys.SEGMENTS.toArray(),
        (key, value) -> sink.accept(segmentId(shard, key), SegmentRow.decode(value)));
  }

  private static SegmentId segmentId(int shard, byte[] key) {
    ByteBuffer in = ByteBuffer.wrap(key, 1, key.length - 1);
    return new SegmentId(shard, in.getInt(), in.getLong());
  }

  /// The machine's first visible archives, at most `limit`, whose roots come after `after` (empty:
  /// from the start).
  public SortedMap<BlockName, ArchiveRow> archives(
      MachineId machine, Optional<BlockName> after, int limit) {
    return archives(
        machine,
        after,
        limit,
        (root, row) -> isShown(machine, root, row) ? Optional.of(row) : Optional.empty());
  }

  /// As [#archives], of those that a deletion hides and that can still be brought back.
  public SortedMap<BlockName, DeletedArchive> deleted(
      MachineId machine, Optional<BlockName> after, int limit) {
    return archives(
        machine,
        after,
        limit,
        (root, row) -> hiding(machine, root, row).map(by -> new DeletedArchive(row, by)));
  }

  private <T> SortedMap<BlockName, T> archives(
      MachineId machine,
      Optional<BlockName> after,
      int limit,
      BiFunction<BlockName, ArchiveRow, Optional<T>> choice) {
    Bytes prefix = Keys.archives(machine);
    byte[] start = after.map(root -> Keys.archive(machine, root)).orElse(prefix).toArray();
    SortedMap<BlockName, T> found = new TreeMap<>();
    for (Index.Row row : new Pages(prefix, start, Math.min(limit, PAGE))) {
      BlockName root = new BlockName(Bytes.copyOf(row.key(), prefix.length(), row.key().length));
      choice
          .apply(root, ArchiveRow.decode(row.value()))
          .ifPresent(archive -> found.put(root, archive));
      if (found.size() == limit) {
        break;
      }
    }
    return found;
  }

  /// The machine's blocks behind `after` (empty: from the start), a page of them; empty at the end.
  public List<NamedBlock> blocks(MachineId machine, Optional<NamedBlock> after)
      throws CorruptException {
    Bytes prefix = Keys.blocks(machine);
    Bytes start = after.map(last -> Keys.block(machine, last.kind(), last.name())).orElse(prefix);
    List<NamedBlock> page = new ArrayList<>();
    for (Index.Row row : index.page(prefix.toArray(), start.toArray(), PAGE)) {
      page.add(NamedBlock.of(Bytes.wrap(row.key())));
    }
    return page;
  }

  /// The copies of the machine's blocks that may be freed, of a page of rows behind `after` (empty:
  /// from the start). The newest copies come before all older ones.
  public GarbagePage garbage(MachineId machine, Optional<Bytes> after) throws CorruptException {
    Bytes blocks = Keys.blocks(machine);
    Bytes older = Keys.older(machine);
    boolean isOlder = after.isPresent() && after.get().at(0) == older.at(0);
    Bytes prefix = isOlder ? older : blocks;
    List<Index.Row> rows = index.page(prefix.toArray(), after.orElse(prefix).toArray(), PAGE);
    List<Garbage> found = new ArrayList<>();
    for (Index.Row row : rows) {
      BlockRow copy = BlockRow.decode(row.value());
      if (visibility.isGarbage(machine, copy)) {
        found.add(new Garbage(NamedBlock.of(Bytes.wrap(row.key())), copy.record(), copy.length()));
      }
    }
    if (!rows.isEmpty()) {
      return new GarbagePage(found, Optional.of(Bytes.wrap(rows.getLast().key())));
    }
    return new GarbagePage(found, isOlder ? Optional.empty() : Optional.of(older));
  }

  /// The cancelled write transactions and expired deletions that are not cleared yet; so many of
  /// them at most.
  public List<BegunTransaction> garbage(int limit) {
    List<BegunTransaction> found = new ArrayList<>();
    for (Iterator<BegunTransaction> each = uncleared(); each.hasNext() && found.size() < limit; ) {
      found.add(each.next());
    }
    return found;
  }

  /// The machine's first deletions that can be undone, at most `limit`, of those that began after
  /// record `after`.
  public SortedMap<Long, DeletionRow> deletions(MachineId machine, long after, int limit) {
    Bytes prefix = Keys.deletions(machine);
    byte[] start = Keys.deletion(machine, after).toArray();
    SortedMap<Long, DeletionRow> found = new TreeMap<>();
    for (Index.Row row : new Pages(prefix, start, PAGE)) {
      DeletionRow deletion = DeletionRow.decode(row.value());
      if (deletion.canBeUndone()) {
        found.put(Keys.number(Bytes.wrap(row.key()), prefix.length()), deletion);
      }
      if (found.size() == limit) {
        break;
      }
    }
    return found;
  }

  /// The machines that have a deletion, undone or not, whose time is over by then.
  public Set<MachineId> due(long timeMillis) {
    return rows(Keys.DELETIONS)
        .filter(row -> DeletionRow.decode(row.value()).isDue(timeMillis))
        .map(row -> Keys.machine(Bytes.wrap(row.key())))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /// How many transactions are over and not cleared yet.
  public long garbageCount() {
    long count = 0;
    for (Iterator<BegunTransaction> each = uncleared(); each.hasNext(); each.next()) {
      count++;
    }
    return count;
  }

  private Iterator<BegunTransaction> uncleared() {
    return Stream.concat(
            rows(Keys.UNFINISHED).filter(row -> UnfinishedRow.decode(row.value()).cancelled()),
            rows(Keys.DELETIONS)
                .filter(
                    row -> DeletionRow.decode(row.value()).stage() == DeletionRow.Stage.EXPIRED))
        .map(row -> BegunTransaction.of(Bytes.wrap(row.key())))
        .iterator();
  }

  /// How many deletions can be undone.
  public long undoableCount() {
    return undoable().count();
  }

  private Stream<Index.Row> undoable() {
    return rows(Keys.DELETIONS).filter(row -> DeletionRow.decode(row.value()).canBeUndone());
  }

  private Stream<Index.Row> rows(Bytes prefix) {
    return StreamSupport.stream(new Pages(prefix).spliterator(), false);
  }

  private Optional<byte[]> transaction(Bytes key) {
    Optional<byte[]> row = known.get(key);
    if (row == null) {
      row = Optional.ofNullable(index.get(key.toArray()));
      known.put(key, row);
      guessed |= row.isEmpty();
    }
    return row;
  }

  /// A block's older copies, newest first; read only if they are wanted.
  private final class Older {
    private final Bytes prefix;
    boolean isRead;

    Older(Bytes prefix) {
      this.prefix = prefix;
    }

    List<BlockRow> get() {
      isRead = true;
      List<BlockRow> copies = new ArrayList<>();
      for (Index.Row row : new Pages(prefix)) {
        copies.add(BlockRow.decode(row.value()));
      }
      return copies.reversed();
    }
  }

  /// All rows under a prefix, a page at a time.
  private final class Pages implements Iterable<Index.Row> {
    private final Bytes prefix;
    private final byte[] start;
    private final int limit;

    Pages(Bytes prefix) {
      this(prefix, prefix.toArray(), PAGE);
    }

    Pages(Bytes prefix, byte[] start, int limit) {
      this.prefix = prefix;
      this.start = start;
      this.limit = limit;
    }

    @Override
    public Iterator<Index.Row> iterator() {
      return new Iterator<>() {
        private List<Index.Row> page = index.page(prefix.toArray(), start, limit);
        private int next;

        @Override
        public boolean hasNext() {
          if (next == page.size() && page.size() == limit) {
            page = index.page(prefix.toArray(), page.getLast().key(), limit);
            next = 0;
          }
          return next < page.size();
        }

        @Override
        public Index.Row next() {
          if (!hasNext()) {
            throw new NoSuchElementException();
          }
          return page.get(next++);
        }
      };
    }
  }

  /// An archive and the deletion that hides it.
  public record DeletedArchive(ArchiveRow archive, DeletionRow deletion) {}

  /// What may be freed of a page of rows, and what the next page comes after; empty at the end.
  public record GarbagePage(List<Garbage> found, Optional<Bytes> next) {}

  /// A copy that may be freed, by the record that stored it.
  public record Garbage(NamedBlock block, long stored, int length) {}

  /// A transaction by its machine and the record that began it.
  public record BegunTransaction(MachineId machine, long begun) {
    static BegunTransaction of(Bytes key) {
      return new BegunTransaction(Keys.machine(key), Keys.number(key, 1 + MachineId.LENGTH));
    }
  }

  /// A block of some machine.
  public record NamedBlock(BlockClass kind, BlockName name) {
    static NamedBlock of(Bytes key) throws CorruptException {
      return new NamedBlock(Keys.kind(key), Keys.name(key));
    }
  }
}
