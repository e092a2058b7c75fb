package org.holdfast.server.recovery;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.Spawner;
import org.holdfast.log.HeaderBytes;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogReader;
import org.holdfast.log.ReadAhead;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;
import org.holdfast.log.SegmentSet;
import org.holdfast.log.Source;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.Index.SortedRows;
import org.holdfast.server.state.BlockFold;
import org.holdfast.server.state.BlockSums;
import org.holdfast.server.state.ShardState;

/// Makes an index from headers by sorting what they say of blocks (`docs/recovery.md`, "The sorted
/// way"). Used once.
public final class SortedReplay {
  /// Records of blocks in a file, about; each takes some 100 bytes of memory while it is sorted.
  public static final int FILE_RECORDS = 500_000;

  /// Files that are sorted at a time.
  private static final int LOADS = 2;

  /// Of names that are hashes no file is so many times as long as was planned, but for small ones;
  /// whoever chooses names must not choose how much memory this takes.
  private static final int LONGER_MAX = 2;

  private static final long SMALL_LENGTH = 64 << 10;

  /// So many segments of the outline at a time.
  private static final int BATCH_SEGMENTS = 256;

  /// Batches on their way.
  private static final int BATCHES = 8;

  private final int shard;
  private final LogReader reader;
  private final Spawner spawner;
  private final Path scratch;
  private final int fileRecords;
  private final Listener listener;
  private volatile boolean isGivenUp;

  /// Works in the folder `scratch`, with about `fileRecords` records of blocks in memory at a time.
  public SortedReplay(
      int shard,
      LogReader reader,
      Spawner spawner,
      Path scratch,
      int fileRecords,
      Listener listener) {
    this.shard = shard;
    this.reader = reader;
    this.spawner = spawner;
    this.scratch = scratch;
    this.fileRecords = fileRecords;
    this.listener = listener;
  }

  /// The state at the end of the log that was fetched, in an empty index; or why it cannot be made
  /// like this: then the index is to be thrown away.
  ///
  /// With `resume` goes on with headers that were fetched before. `known` is a segment that is
  /// known to have been acknowledged, if any; the listener sees the state at its end.
  public Made run(Index index, Optional<SegmentId> known, boolean resume) throws HoldfastException {
    MachineNumbers machines = new MachineNumbers();
    try (HeaderSpool spool =
            HeaderSpool.open(shard, reader, spawner, scratch.resolve("headers"), resume);
        Outline outline = new Outline(scratch.resolve("outline"), spawner);
        BlockPartitions blocks =
            new BlockPartitions(scratch.resolve("blocks"), spawner, machines, fileRecords)) {
      Fetch fetch =
          new Fetch(shard, reader, spawner, spool, machines, outline, blocks, listener::fetched);
      Optional<List<Step>> steps = fetch.run(known);
      if (steps.isEmpty()) {
        return new Made.Not("segments are absent that nothing retires");
      }
      int cut = cut(steps.get(), outline, known);
      if (cut == 0) {
        return new Made.Not("no digest would prove it");
      }
      if (isAnyLong(blocks)) {
        fetch.partAgain(blocks.counts());
      }
      if (isAnyLong(blocks)) {
        return new Made.Not("many blocks have names that begin alike");
      }
      List<Step> sorted = steps.get().subList(0, cut);
      index.beginLoad();
      ShardState state = ShardState.outline(shard, index);
      outline(state, sorted, outline);
      BlockPlan plan = new BlockPlan(blocks.parts(), fileRecords);
      LoadedMachines loaded = new LoadedMachines(plan);
      List<MachineId> first = listener.outlined(index, loaded);
      Counted counted = new Counted(outline, sorted);
      state.complete(load(index, state, plan, new Sorts(machines, counted), loaded, first));
      index.endLoad();
      listener.replayed(state);
      tail(state, steps.get().subList(cut, steps.get().size()), spool);
      return state.hasHoles() ? new Made.Not("segments are absent") : new Made.Done(state);
    }
  }

  private boolean isAnyLong(BlockPartitions blocks) {
    long most = SMALL_LENGTH + (long) LONGER_MAX * fileRecords * BlockRecords.LENGTH_MAX;
    return blocks.parts().values().stream()
        .flatMap(List::stream)
        .anyMatch(part -> part.length() > most);
  }

  /// How many steps come before the last digest that a state without holes is compared with, and
  /// not behind `old`.
  private static int cut(List<Step> steps, Outline outline, Optional<SegmentId> old) {
    SegmentSet holes = new SegmentSet();
    int cut = 0;
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      if (step.isAbsent()) {
        holes.add(step.range());
        continue;
      }
      for (Notable each : outline.notables(step.segment())) {
        switch (each) {
          case Notable.Retired r -> holes.remove(r.range());
          case Notable.Digest _ -> cut = holes.isEmpty() ? i : cut;
        }
      }
      if (Optional.of(step.segment()).equals(old)) {
        return cut;
      }
    }
    return cut;
  }

  /// Applies all that is not of blocks.
  private void outline(ShardState state, List<Step> steps, Outline outline)
      throws HoldfastException {
    List<Integer> firsts = new ArrayList<>();
    for (int first = 0; first < outline.count(); first += BATCH_SEGMENTS) {
      firsts.add(first);
    }
    ReadAhead<Integer, List<Outline.Segment>> batches =
        new ReadAhead<>(
            firsts,
            ReadAhead.Bounds.of(BATCHES),
            spawner,
            first -> outline.segments(first, Math.min(first + BATCH_SEGMENTS, outline.count())));
    long all = present(steps).size();
    long done = 0;
    int step = absent(state, steps, 0);
    while (step < steps.size()) {
      List<SegmentId> applied = new ArrayList<>();
      for (Outline.Segment segment : batches.next()) {
        if (step < steps.size() && segment.id().equals(steps.get(step).segment())) {
          segment.applyTo(state);
          applied.add(segment.id());
          listener.applied(++done, all, state.position().nextRecord() - 1);
          step = absent(state, steps, step + 1);
        }
      }
      state.durable(applied);
    }
  }

  /// Applies everything, in order.
  private void tail(ShardState state, List<Step> steps, HeaderSpool spool)
      throws HoldfastException {
    if (steps.stream().anyMatch(Step::isAbsent)) {
      listener.meetsHoles();
    }
    Source<SegmentHeader> headers = spool.headers(present(steps), HeaderBytes::parsed);
    long all = present(steps).size();
    long done = 0;
    int step = 0;
    while (headers.hasNext()) {
      SegmentHeader header = headers.next();
      step = absent(state, steps, step) + 1;
      for (LogEntry entry : header.entries()) {
        state.apply(entry, header.id());
      }
      state.endSegment(header);
      state.durable(header.id());
      listener.applied(++done, all, state.position().nextRecord() - 1);
      listener.replayed(state);
    }
    absent(state, steps, step);
  }

  /// Passes what is absent from this step on. Returns the step that is not.
  private static int absent(ShardState state, List<Step> steps, int from) {
    int step = from;
    while (step < steps.size() && steps.get(step).isAbsent()) {
      state.absent(steps.get(step).range());
      step++;
    }
    return step;
  }

  private static List<SegmentId> present(List<Step> steps) {
    return steps.stream().filter(step -> !step.isAbsent()).map(Step::segment).toList();
  }

  private BlockSums load(
      Index index,
      ShardState state,
      BlockPlan plan,
      Sorts sorts,
      LoadedMachines loaded,
      List<MachineId> first)
      throws HoldfastException {
    List<Integer> numbers = loaded.order(first);
    ReadAhead<Integer, Read> read =
        new ReadAhead<>(
            numbers,
            ReadAhead.Bounds.of(1),
            spawner,
            number -> {
              BlockSort sort = sorts.take();
              sort.read(plan.parts(number));
              return new Read(number, sort);
            });
    ReadAhead<Read, BlockSums> loads =
        new ReadAhead<>(
            read,
            ReadAhead.Bounds.of(LOADS),
            spawner,
            each -> {
              BlockSums made = load(index, state, each);
              sorts.giveBack(each.sort);
              return made;
            });
    BlockSums.Adder sums = new BlockSums.Adder();
    boolean isLoaded = false;
    int done = 0;
    try {
      for (int number : numbers) {
        sums.add(loads.next());
        loaded.loaded(number);
        listener.loaded(++done, plan.files());
      }
      isLoaded = true;
      return sums.sum();
    } finally {
      if (!isLoaded) {
        await(loads);
      }
    }
  }

  /// The index must not be closed under those that are still on their way.
  private void await(ReadAhead<Read, BlockSums> loads) {
    isGivenUp = true;
    while (loads.hasNext()) {
      try {
        loads.next();
      } catch (HoldfastException | RuntimeException e) {
        // The first failure is on its way already.
      }
    }
  }

  private BlockSums load(Index index, ShardState state, Read read) throws HoldfastException {
    if (isGivenUp) {
      return BlockSums.NONE;
    }
    try (SortedRows newest = index.sorted(scratch.resolve("newest-" + read.number + ".sst"));
        SortedRows older = index.sorted(scratch.resolve("older-" + read.number + ".sst"))) {
      BlockFold fold = new BlockFold(shard, state::restatedAt, newest, older);
      read.sort.fold(fold);
      newest.end();
      older.end();
      return fold.sums();
    }
  }

  /// Whether a replay has ended since its own files cannot be read or written: a replay in order
  /// needs none.
  public static boolean hasScratchFailed(HoldfastException why) {
    return why.getCause() instanceof ScratchFile.Failure;
  }

  /// A file's records, not sorted yet.
  private record Read(int number, BlockSort sort) {
    /// Names the thread that goes on with it.
    @Override
    public String toString() {
      return "file " + number;
    }
  }

  /// What has sorted keeps its memory, for the next.
  private record Sorts(MachineNumbers machines, Counted counted, Queue<BlockSort> free) {
    Sorts(MachineNumbers machines, Counted counted) {
      this(machines, counted, new ConcurrentLinkedQueue<>());
    }

    BlockSort take() {
      BlockSort sort = free.poll();
      return sort != null ? sort : new BlockSort(machines, counted);
    }

    void giveBack(BlockSort sort) {
      free.add(sort);
    }
  }

  /// What came of it.
  public sealed interface Made {
    /// The index holds this state.
    record Done(ShardState state) implements Made {}

    /// It cannot be made like this.
    record Not(String why) implements Made {}
  }

  /// Hears how far it is.
  public interface Listener {
    /// Of the time since the start it has waited so long for the bucket, with nothing else to do.
    void fetched(long segmentsDone, long segmentsAll, long waitedNanos);

    void applied(long segmentsDone, long segmentsAll, long recordsDone);

    /// All but blocks is in the index, as of the cut; machines have theirs as `loaded` says.
    /// Answers whose are wanted first.
    default List<MachineId> outlined(Index index, LoadedMachines loaded) throws HoldfastException {
      return List.of();
    }

    void loaded(int filesDone, int filesAll);

    /// What comes next has holes: until the end the index is no state that there ever was.
    default void meetsHoles() {}

    /// The state at the end of a segment, whole but for holes.
    void replayed(ShardState state);
  }
}
