package org.holdfast.server.shard;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.holdfast.bucket.Bucket;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogEntry;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;
import org.holdfast.server.shard.CleaningChoice.Candidate;
import org.holdfast.server.shard.CleaningRules.Loaded;
import org.holdfast.server.state.DurableState;
import org.holdfast.server.state.Names;

/// Moves what lives out of segments that hold much garbage, and deletes them (`docs/cleaning.md`).
///
/// It keeps nothing on disk and may end between any two steps: who owns the log looks at each row
/// again before a record is written, and the next round begins anew. While damage stops all
/// backups, or the log is held up, nothing is cleaned.
///
/// Any thread; rounds run one after the other.
public final class Cleaner implements BackgroundTimer.Rounds {
  /// About what a record without data takes in a header, at most, in bytes.
  private static final int RECORD_LENGTH = 256;

  /// What a segment's records hold in memory, in bytes: some times what they take in its header.
  private static final long HEADER_MEMORY_LENGTH = 6 << 20;

  /// Garbage comes with deletions, which take days to count.
  private static final long PAUSE_MILLIS = 60_000;

  /// Over which it is counted how fast garbage goes.
  private static final int RATE_MINUTES = 60;

  /// As many copies as a batch takes, in bytes of their data.
  private static final long BATCH_BYTES = 1 << 20;

  private static final long MOVED_MEMORY_LENGTH_MAX =
      BackgroundMemory.JOB_BYTES - HEADER_MEMORY_LENGTH;

  private final ReentrantLock rounds = new ReentrantLock();
  private final ShardService service;
  private final CleaningRules rules;
  private final HeaderReader headers;
  private final BlockReader blocks;
  private final Bucket bucket;
  private final Damages damages;
  private final long leastGarbageBytes;
  private final Set<SegmentId> toDelete = new ConcurrentSkipListSet<>();

  /// Retired by records that may not be durable yet: what waits for that may fail before it is so.
  private final Set<SegmentId> retiring = new ConcurrentSkipListSet<>();

  private final AtomicLong cleanedSegments = new AtomicLong();
  private final AtomicLong movedBytes = new AtomicLong();
  private final AtomicLong deletedBytes = new AtomicLong();
  private final Lately recentlyDeleted;
  private volatile Held held = Optional::empty;
  private volatile CleaningChoice lastChoice = CleaningChoice.of(List.of());
  private volatile boolean stopped;

  /// Does not begin for less garbage than `leastGarbageBytes`.
  Cleaner(
      ShardService service,
      CleaningRules rules,
      HeaderReader headers,
      BlockReader blocks,
      Bucket bucket,
      Damages damages,
      long leastGarbageBytes) {
    this.service = service;
    this.rules = rules;
    this.headers = headers;
    this.blocks = blocks;
    this.bucket = bucket;
    this.damages = damages;
    this.leastGarbageBytes = leastGarbageBytes;
    this.recentlyDeleted = service.pacer().lately(RATE_MINUTES);
  }

  /// From here on leaves alone what lies behind the segment that this names.
  public void holdBehind(Held segment) {
    held = segment;
  }

  /// These are retired and in the bucket all the same: the next round deletes them.
  public void sweep(Set<SegmentId> retired) {
    toDelete.addAll(retired);
  }

  @Override
  public boolean isDue(long sinceMillis) {
    return true;
  }

  @Override
  public long pauseMillis() {
    return PAUSE_MILLIS;
  }

  @Override
  public void stop() {
    stopped = true;
  }

  /// Cleans one segment, if there is garbage enough; answers whether there may be more to do.
  @Override
  public boolean round() throws HoldfastException {
    return clean(choice -> {
      Set<SegmentId> without = without(choice);
      return choice.isDue(leastGarbageBytes, without) ? choice.best(without) : Optional.empty();
    });
  }

  /// Cleans this segment, whatever that gives; answers whether it may be cleaned at all.
  public boolean clean(SegmentId id) throws HoldfastException {
    return clean(choice -> choice.of(id, without(choice)));
  }

  private Set<SegmentId> without(CleaningChoice choice) throws HoldfastException {
    return choice.without(damages.known(), held.behind());
  }

  private boolean clean(Wish wish) throws HoldfastException {
    rounds.lock();
    try {
      return cleanNow(wish);
    } finally {
      rounds.unlock();
    }
  }

  private boolean cleanNow(Wish wish) throws HoldfastException {
    boolean hasCleaned = false;
    try (var _ = lease(HEADER_MEMORY_LENGTH)) {
      deleteRetired();
      CleaningChoice choice = look();
      Optional<Candidate> wanted = wish.of(choice);
      if (wanted.isPresent() && !stopped) {
        clean(wanted.get(), !wanted.get().equals(choice.segments().getFirst()));
        hasCleaned = true;
      }
    } catch (HoldfastException e) {
      service.pacer().failed(BackgroundJob.CLEANING, e);
      throw e;
    }
    service.memory().checkReturned(BackgroundJob.CLEANING);
    service.pacer().ended(BackgroundJob.CLEANING);
    return hasCleaned;
  }

  /// How much there is to clean, and what was cleaned since the start.
  public Progress progress() {
    CleaningChoice last = lastChoice;
    return new Progress(
        last.storedBytes(),
        last.liveBytes(),
        cleanedSegments.get(),
        movedBytes.get(),
        deletedBytes.get(),
        recentlyDeleted.hourly());
  }

  private CleaningChoice look() throws HoldfastException {
    CleaningChoice choice =
        service
            .pacer()
            .run(
                BackgroundJob.CLEANING, () -> CleaningChoice.of(service.durable(this::candidates)));
    lastChoice = choice;
    return choice;
  }

  private List<Candidate> candidates(DurableState rows) {
    List<Candidate> segments = new ArrayList<>();
    rows.eachSegment(service.number(), (id, row) -> segments.add(new Candidate(id, row)));
    return segments;
  }

  private void clean(Candidate candidate, boolean hasOlder) throws HoldfastException {
    SegmentId id = candidate.id();
    Optional<SegmentHeader> read = headers.read(id, () -> stopped);
    if (read.isEmpty()) {
      return;
    }
    List<LogEntry> entries = read.get().entries();
    append(1, () -> rules.begin(id));
    Set<Long> moved = new HashSet<>();
    if (!move(read.get(), moved)) {
      return;
    }
    inBatches(entries, batch -> rules.restate(id, batch, moved));
    List<Bytes> rows = Names.of(entries);
    inBatches(rows, batch -> rules.restate(batch, hasOlder));
    if (stopped) {
      return;
    }
    append(1, () -> rules.retire(id));
    retiring.add(id);
    service.awaitDurable();
    cleanedSegments.incrementAndGet();
    deletedBytes.addAndGet(candidate.length());
    recentlyDeleted.add(candidate.length());
    deleteRetired();
  }

  /// Answers whether all that lives was moved.
  private boolean move(SegmentHeader header, Set<Long> moved) throws HoldfastException {
    for (BlockReader.Span span : BlockReader.plan(live(header))) {
      if (stopped) {
        return false;
      }
      long bytes = Math.min(span.readLengthMax() + span.blockLength(), MOVED_MEMORY_LENGTH_MAX);
      try (var _ = lease(bytes)) {
        if (!move(header, span, moved)) {
          return false;
        }
      }
    }
    return !stopped;
  }

  private boolean move(SegmentHeader header, BlockReader.Span span, Set<Long> moved)
      throws HoldfastException {
    List<Loaded> loaded = new ArrayList<>();
    BlockReader.Reading reading =
        service.pacer().run(BackgroundJob.CLEANING, () -> blocks.read(span, () -> stopped));
    for (BlockReader.Read block : reading.blocks()) {
      if (block.bytes().isEmpty()) {
        return false;
      }
      LogEntry entry = header.entries().get(block.located().index());
      loaded.add(new Loaded(entry, copy(block.bytes().get())));
      moved.add(block.located().row().record());
    }
    append(header.id(), loaded);
    return true;
  }

  /// Of the bytes alone: what was read beside them is not kept in memory with them.
  private static ByteBuffer copy(ByteBuffer bytes) {
    return ByteBuffer.allocate(bytes.remaining()).put(bytes.duplicate()).flip();
  }

  private List<BlockReader.Placed> live(SegmentHeader header) throws HoldfastException {
    List<BlockReader.Placed> all = BlockReader.placed(header);
    List<BlockReader.Placed> live = new ArrayList<>();
    for (int from = 0; from < all.size(); from += DeleteService.BATCH) {
      List<BlockReader.Placed> batch =
          all.subList(from, Math.min(from + DeleteService.BATCH, all.size()));
      live.addAll(
          service.read(_ ->
              batch.stream()
                  .filter(each ->
                      rules.isLive(header.id(), header.entries().get(each.located().index())))
                  .toList()));
    }
    return live;
  }

  private void append(SegmentId id, List<Loaded> loaded) throws HoldfastException {
    int done = 0;
    while (done < loaded.size() && !stopped) {
      List<Loaded> batch = batch(loaded.subList(done, loaded.size()));
      long bytes = length(batch) + (long) batch.size() * RECORD_LENGTH;
      int appended =
          service
              .pacer()
              .append(
                  BackgroundJob.CLEANING,
                  batch.getFirst().data().remaining(),
                  bytes,
                  () -> CompletableFuture.completedFuture(rules.move(id, batch)));
      movedBytes.addAndGet(length(batch.subList(0, appended)));
      done += appended;
    }
  }

  private static List<Loaded> batch(List<Loaded> loaded) {
    int count = 1;
    long bytes = loaded.getFirst().data().remaining();
    while (count < Math.min(loaded.size(), DeleteService.BATCH)
        && bytes + loaded.get(count).data().remaining() <= BATCH_BYTES) {
      bytes += loaded.get(count).data().remaining();
      count++;
    }
    return loaded.subList(0, count);
  }

  private static long length(List<Loaded> loaded) {
    return loaded.stream().mapToLong(each -> each.data().remaining()).sum();
  }

  private <T> void inBatches(List<T> items, Batch<T> batch) throws HoldfastException {
    int done = 0;
    while (done < items.size() && !stopped) {
      List<T> next = items.subList(done, Math.min(done + DeleteService.BATCH, items.size()));
      done += append(next.size(), () -> batch.append(next));
    }
  }

  private <T> T append(int records, ShardLoop.Event<T> event) throws HoldfastException {
    return service
        .pacer()
        .append(
            BackgroundJob.CLEANING,
            0,
            (long) records * RECORD_LENGTH,
            () -> CompletableFuture.completedFuture(event.run()));
  }

  private BackgroundMemory.Lease lease(long bytes) throws HoldfastException {
    return service.memory().lease(BackgroundJob.CLEANING, bytes, () -> stopped);
  }

  /// What cannot be deleted now is tried again in the next round.
  private void deleteRetired() throws HoldfastException {
    for (SegmentId id : List.copyOf(retiring)) {
      if (service.durable(rows -> rows.segment(id).isEmpty())) {
        toDelete.add(id);
        retiring.remove(id);
      }
    }
    Iterator<SegmentId> each = new TreeSet<>(toDelete).iterator();
    while (each.hasNext() && !stopped) {
      SegmentId id = each.next();
      bucket.delete(id.key());
      if (isAbsent(id)) {
        toDelete.remove(id);
      }
    }
  }

  private boolean isAbsent(SegmentId id) throws RefusedException, UnavailableException {
    try {
      return bucket.get(id.key(), 0, 0).isEmpty();
    } catch (CorruptException e) {
      return false;
    }
  }

  /// Which segment is to be cleaned.
  private interface Wish {
    Optional<Candidate> of(CleaningChoice choice) throws HoldfastException;
  }

  /// The segment behind which nothing is cleaned, if there is one.
  public interface Held {
    Optional<SegmentId> behind() throws HoldfastException;
  }

  private interface Batch<T> {
    int append(List<T> items) throws HoldfastException;
  }

  /// Bytes that the log takes, and of those that live, as of the last look; what was done since the
  /// start, and how many bytes an hour were deleted in the last hour.
  public record Progress(
      long storedBytes,
      long liveBytes,
      long cleanedSegments,
      long movedBytes,
      long deletedBytes,
      long hourlyBytes) {}
}
