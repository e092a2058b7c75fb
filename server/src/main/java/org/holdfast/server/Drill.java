package org.holdfast.server;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogChain;
import org.holdfast.log.LogReader;
import org.holdfast.log.SegmentId;
import org.holdfast.log.StateDigest;
import org.holdfast.server.drill.DrillBucket;
import org.holdfast.server.drill.DrillRecord;
import org.holdfast.server.drill.DrillRecord.Result;
import org.holdfast.server.drill.DrillRecord.Work;
import org.holdfast.server.drill.LiveDigests;
import org.holdfast.server.drill.Pace;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.IndexException;
import org.holdfast.server.journal.Timeline;
import org.holdfast.server.recovery.SortedReplay;
import org.holdfast.server.shard.CatchUp;
import org.holdfast.server.shard.StateFolder;
import org.holdfast.server.state.ShardState;

/// Makes the state anew from segment headers alone, as a recovery would, in a folder that is gone
/// afterwards, and compares it with what the live state was at the same place (`docs/recovery.md`,
/// "Drill").
///
/// - It changes nothing: the bucket is read, and the state folder's index is not touched. A server
///   may be at work.
/// - The state is that of the log as it was listed. What a server's state was there it is asked for
///   right after the listing, since it remembers the last segments alone.
/// - Whether anybody can be asked or not, the digest records of the log are checked.
///
/// Used once.
public final class Drill {
  private final Service.Terms terms;
  private final Index.Opening indexes;
  private final Path scratch;
  private final int fileRecords;
  private final LiveDigests live;
  private final Pace pace;
  private final PhaseNotes progress;
  private final Timeline timeline;
  private final DrillBucket bucket;
  private final LogReader reader;
  private final Following following = new Following();
  private final Map<SegmentId, StateDigest> lived = new HashMap<>();
  private long fetchNanos;

  /// `indexes` opens the one it makes, `scratch` is a folder that nobody uses for anything else;
  /// `fileRecords` as for [SortedReplay].
  Drill(
      Service.Terms terms,
      Index.Opening indexes,
      Path scratch,
      int fileRecords,
      LiveDigests live,
      Pace pace,
      Rebuild.Progress progress,
      Timeline timeline) {
    this.terms = terms;
    this.indexes = indexes;
    this.scratch = scratch;
    this.fileRecords = fileRecords;
    this.live = live;
    this.pace = pace;
    this.progress = new PhaseNotes(timeline, terms.clock(), progress);
    this.timeline = timeline;
    this.bucket = new DrillBucket(terms.bucket(), pace);
    this.reader =
        new LogReader(
            bucket,
            terms.key(),
            terms.service(),
            terms.spawner(),
            terms.clock(),
            terms.patienceMillis());
  }

  /// As fast as it goes, for a command: in the folder `scratch`, with lines in the timeline of the
  /// state folder `state`.
  public static Drill full(
      Service.Terms terms,
      Path state,
      Path scratch,
      LiveDigests live,
      BooleanSupplier isStopped,
      Rebuild.Progress progress) {
    return new Drill(
        terms,
        terms.indexes(),
        scratch,
        SortedReplay.FILE_RECORDS,
        live,
        Pace.full(terms.clock(), isStopped),
        progress,
        Timeline.in(state, terms.clock(), "drill"));
  }

  /// What it has found. Throws [UnavailableException] if it was cut short: that says nothing of the
  /// log.
  public DrillRecord run() throws UnavailableException {
    timeline.note("begun");
    try (StateFolder folder = StateFolder.open(scratch)) {
      DrillRecord found;
      try {
        // Of a drill that was killed.
        folder.delete(folder.index());
        folder.delete(folder.scratch());
        found = run(folder);
      } finally {
        remove(folder);
      }
      progress.ended();
      timeline.note(
          "ended, " + found.resultName() + (found.why().isEmpty() ? "" : ": ") + found.why());
      return found;
    } catch (UnavailableException e) {
      progress.cutShort(e);
      throw e;
    } catch (HoldfastException e) {
      progress.cutShort(e);
      throw new UnavailableException("the drill was cut short: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      progress.cutShort(e);
      throw e;
    }
  }

  private DrillRecord run(StateFolder folder) throws HoldfastException {
    try {
      Optional<DrillRecord> sorted = sorted(folder);
      return sorted.isPresent() ? sorted.get() : inOrder(folder);
    } catch (Ended e) {
      throw e.why;
    } catch (CorruptException e) {
      // A header is damaged, a digest in the log does not fit.
      return record(Result.FAILED, Work.NONE, e.getMessage());
    } catch (RefusedException e) {
      // A bucket or a disk that may not be read says nothing of the log; its lost end does.
      if (!LogChain.isLostEnd(e)) {
        throw e;
      }
      return record(Result.FAILED, Work.NONE, e.getMessage());
    } catch (IndexException e) {
      throw new UnavailableException("the disk of " + scratch + " fails or is full", e);
    } catch (RuntimeException e) {
      // A log at which the program stumbles is no log that can be recovered.
      return record(Result.FAILED, Work.NONE, "something that should not be possible: " + e);
    }
  }

  /// What is left there does not change what was found.
  private void remove(StateFolder folder) {
    try {
      folder.remove();
    } catch (RefusedException e) {
      timeline.note(e.getMessage());
    }
  }

  /// Empty if it cannot be made like that.
  private Optional<DrillRecord> sorted(StateFolder folder) throws HoldfastException {
    Optional<SegmentId> known = look();
    String why;
    try (Index index = indexes.open(folder.index())) {
      SortedReplay replay =
          new SortedReplay(
              Service.SHARD, reader, terms.spawner(), folder.scratch(), fileRecords, following);
      switch (replay.run(index, known, false)) {
        case SortedReplay.Made.Done done -> {
          return Optional.of(compare(done.state()));
        }
        case SortedReplay.Made.Not not -> why = not.why();
      }
    } catch (CorruptException e) {
      // In order it may come out that something is lost, and what.
      why = String.valueOf(e.getMessage());
    }
    progress.inOrder(why);
    folder.delete(folder.index());
    folder.delete(folder.scratch());
    return Optional.empty();
  }

  private DrillRecord inOrder(StateFolder folder) throws HoldfastException {
    try (Index index = indexes.open(folder.index())) {
      CatchUp catchUp = new CatchUp(Service.SHARD, reader, terms.spawner(), look(), following);
      return compare(catchUp.run(index));
    }
  }

  private DrillRecord compare(ShardState state) {
    SegmentId end = state.position().segmentId(Service.SHARD);
    long[] sums = new long[2];
    state
        .durable()
        .eachSegment(
            Service.SHARD,
            (_, row) -> {
              sums[0]++;
              sums[1] += row.headerLength();
            });
    long workedNanos = pace.workedNanos();
    Work work =
        new Work(
            sums[0],
            sums[1],
            state.position().nextRecord() - 1,
            bucket.gets(),
            bucket.lists(),
            bucket.bytes(),
            fetchNanos / 1_000_000,
            (workedNanos - fetchNanos) / 1_000_000);
    Optional<StateDigest> expected = Optional.ofNullable(lived.get(end));
    if (expected.isEmpty()) {
      return record(Result.PROVEN, work, "");
    }
    return expected.get().equals(state.digest())
        ? record(Result.EQUAL, work, "")
        : record(
            Result.DIFFERENT,
            work,
            "at the end of %s the live state's digest was %s, and the log says %s"
                .formatted(end, expected.get(), state.digest()));
  }

  private DrillRecord record(Result result, Work work, String why) {
    return new DrillRecord(terms.clock().wallMillis(), result, pace.isGentle(), work, why);
  }

  /// Remembers what the live state is and was; answers the last of its segments that is known to
  /// have been acknowledged.
  private Optional<SegmentId> look() throws HoldfastException {
    lived.putAll(live.recent());
    return live.durable();
  }

  /// The log has been listed just now, or listed again.
  private void listed() {
    try {
      lived.putAll(live.recent());
    } catch (HoldfastException e) {
      // The server has been stopped meanwhile: what is known is compared.
      timeline.note("the server cannot be asked any more: " + e.getMessage());
    }
  }

  /// Passes on how far it is, and waits for others.
  private final class Following implements SortedReplay.Listener, CatchUp.Listener {
    private long lastFetched = Long.MAX_VALUE;
    private long lastAll;
    private Optional<Long> began = Optional.empty();

    @Override
    public void fetched(long done, long all, long waitedNanos) {
      if (done <= lastFetched || all != lastAll) {
        listed();
      }
      lastFetched = done;
      lastAll = all;
      progress.waited(waitedNanos);
      progress.at(Rebuild.Phase.FETCHING, done, all, 0);
    }

    @Override
    public void applied(long done, long all, long records) {
      if (fetchNanos == 0) {
        fetchNanos = pace.workedNanos();
      }
      progress.at(Rebuild.Phase.SORTING, done, all, records);
      give();
    }

    @Override
    public void loaded(int done, int all) {
      progress.at(Rebuild.Phase.LOADING, done, all, 0);
      give();
    }

    @Override
    public void replaying(int segments) {
      listed();
    }

    /// In order: what is read waits for its turn, and what is applied goes with it.
    @Override
    public void replayed(long done, long all, ShardState state) {
      progress.at(Rebuild.Phase.REPLAYING, done, all, state.position().nextRecord() - 1);
    }

    @Override
    public void replayed(ShardState state) {}

    private void give() {
      try {
        began.ifPresent(pace::end);
        began = Optional.of(pace.begin());
      } catch (UnavailableException e) {
        throw new Ended(e);
      }
    }
  }

  /// The drill is to end: through listeners that expect nothing of the kind.
  private static final class Ended extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient UnavailableException why;

    Ended(UnavailableException why) {
      super(why);
      this.why = why;
    }
  }
}
