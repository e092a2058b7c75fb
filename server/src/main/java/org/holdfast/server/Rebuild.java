package org.holdfast.server;

import java.nio.BufferUnderflowException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.Buckets;
import org.holdfast.core.Clock;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogChain;
import org.holdfast.log.SegmentId;
import org.holdfast.log.StateDigest;
import org.holdfast.server.image.ImageStore;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.IndexException;
import org.holdfast.server.journal.Timeline;
import org.holdfast.server.recovery.SortedReplay;
import org.holdfast.server.shard.CatchUp;
import org.holdfast.server.shard.StateFolder;
import org.holdfast.server.state.Check;
import org.holdfast.server.state.Fingerprint;
import org.holdfast.server.state.IndexDifference;
import org.holdfast.server.state.Misfits;
import org.holdfast.server.state.Position;
import org.holdfast.server.state.ShardState;

/// Makes a new index from segment headers alone, compares it with the old one, puts it in its
/// place.
///
/// Touches nothing in the bucket. May be stopped at any moment: the old index stays until the new
/// one is complete. Holds the state folder, so that no server opens the old index meanwhile.
public final class Rebuild {
  /// Of an index that is not what it should be.
  private static final StateDigest NOBODYS = new StateDigest(-1, -1);

  private final Service.Terms terms;
  private final Path folder;
  private final Timeline timeline;
  private final PhaseNotes progress;
  private final Optional<ConcurrencyWatch> concurrency;

  /// Leaves nothing in the timeline.
  public Rebuild(Service.Terms terms, Path folder, Progress progress) {
    this(terms, folder, progress, Timeline.none(terms.clock()));
  }

  Rebuild(Service.Terms terms, Path folder, Progress progress, Timeline timeline) {
    this(terms, folder, progress, timeline, Optional.empty());
  }

  private Rebuild(
      Service.Terms terms,
      Path folder,
      Progress progress,
      Timeline timeline,
      Optional<ConcurrencyWatch> concurrency) {
    this.concurrency = concurrency;
    this.terms = terms;
    this.folder = folder;
    this.timeline = timeline;
    this.progress = new PhaseNotes(timeline, terms.clock(), progress);
  }

  /// For the server with this config, which must not be running.
  public static Rebuild of(
      ServerConfig config, Clock clock, Spawner spawner, SecureRandom random, Progress progress)
      throws HoldfastException {
    Buckets buckets = new Buckets(clock, random, spawner, config.s3());
    Bucket bucket = buckets.open(config.bucket());
    ServiceSecrets secrets = new SecretsFile(config.secrets()).read();
    Service.Terms terms = Server.terms(config, secrets, bucket, clock, spawner, random);
    Timeline timeline = Timeline.in(config.state(), clock, "rebuild");
    return new Rebuild(
        terms,
        config.state(),
        progress,
        timeline,
        Optional.of(new ConcurrencyWatch(config, buckets, clock)));
  }

  /// Rebuilds, and replaces the index in the folder unless it is only to be compared.
  ///
  /// Refused, before anything is replaced, if the old index has seen a segment acknowledged that
  /// the log does not reach: a bucket that has lost its end must not pass for the whole.
  public Report run(How how) throws HoldfastException {
    Clock clock = terms.clock();
    long start = clock.nanos();
    try (StateFolder state = StateFolder.open(folder)) {
      timeline.note(how.resume ? "begun, goes on where one was cut short" : "begun");
      concurrency.ifPresent(watch -> watch.begin(terms.spawner()));
      Report report = run(how, state, start);
      progress.ended();
      timeline.note("ended, " + report.line(how.compareOnly));
      return report;
    } catch (HoldfastException | RuntimeException e) {
      progress.cutShort(e);
      if (!hasDiskFailed(e)) {
        throw e;
      }
      String next =
          how.inOrder
              ? "start again"
              : "give the same command with `--resume`, which keeps the headers that were read";
      throw new UnavailableException(
          "the disk of "
              + folder
              + " is full or fails ("
              + reason(e)
              + "): make room, then "
              + next,
          e);
    } finally {
      concurrency.ifPresent(ConcurrencyWatch::close);
    }
  }

  private static boolean hasDiskFailed(Exception e) {
    return e instanceof IndexException
        || (e instanceof HoldfastException expected && SortedReplay.hasScratchFailed(expected));
  }

  private static String reason(Exception e) {
    Throwable why = e.getCause() == null ? e : e.getCause();
    return String.valueOf(why.getMessage());
  }

  private Report run(How how, StateFolder state, long start) throws HoldfastException {
    if (!how.resume) {
      // What somebody has left takes room.
      state.delete(state.scratch());
    }
    Optional<Old> before = inspect(state);
    Overrides overrides = new Overrides(how.overrides);
    ImageStore images = new ImageStore(terms.bucket(), terms.key(), terms.service(), Service.SHARD);
    Optional<SegmentId> known = known(before, images, overrides);
    Path fresh = state.freshIndex();
    Optional<Made> sorted =
        how.inOrder ? Optional.empty() : sorted(state, fresh, before, known, how);
    Made made = sorted.isPresent() ? sorted.get() : inOrder(state, fresh, before, known, overrides);
    List<String> overridden = overrides.lines(terms.clock().wallMillis());
    if (how.compareOnly) {
      state.delete(fresh);
    } else {
      if (!overridden.isEmpty()) {
        state.addOverrides(overridden);
        dropLost(images, made.position.lastSegment(Service.SHARD));
      }
      state.replaceIndex(fresh);
      state.markClean();
    }
    state.delete(state.scratch());
    long millis = (terms.clock().nanos() - start) / 1_000_000;
    return report(before, made, overrides, overridden, millis);
  }

  /// No start is to be stopped by an image of what was given up.
  private static void dropLost(ImageStore images, Optional<SegmentId> end)
      throws HoldfastException {
    for (String list : images.lists()) {
      try {
        if (end.isEmpty() || images.list(list).segment().compareTo(end.get()) > 0) {
          images.delete(list);
        }
      } catch (CorruptException e) {
        // It says nothing; whoever starts from one says so.
      }
    }
  }

  /// What the log must reach: what the old index has seen, or an image has, unless that was lost
  /// and is given up.
  private Optional<SegmentId> known(Optional<Old> before, ImageStore images, Overrides overrides)
      throws HoldfastException {
    Optional<SegmentId> imaged = images.newest();
    Optional<SegmentId> seen =
        seen(before)
            .filter(old -> imaged.isEmpty() || old.compareTo(imaged.get()) > 0)
            .or(() -> imaged);
    if (seen.isEmpty() || !overrides.allows(Check.LOST_END)) {
      return seen;
    }
    try {
      var _ = LogChain.of(terms.reader(), Service.SHARD, seen);
      return seen;
    } catch (RefusedException e) {
      LogChain chain = LogChain.of(terms.reader(), Service.SHARD, Optional.empty());
      if (chain.reaches(seen.get())) {
        throw e;
      }
      overrides.isTaken(Check.LOST_END, "the bucket's log ends before " + seen.get());
      return Optional.empty();
    }
  }

  /// What the old index says of itself, read from all its rows.
  private Optional<Old> inspect(StateFolder state) throws HoldfastException {
    if (!state.hasIndex()) {
      return Optional.empty();
    }
    Position position = Position.START;
    try (Index index = terms.indexes().open(state.index())) {
      position = ShardState.position(index);
      return Optional.of(
          new Old(
              position,
              ShardState.isIncomplete(index)
                  ? Optional.empty()
                  : Optional.of(scanned(index, position))));
    } catch (RefusedException | IndexException | BufferUnderflowException e) {
      // It cannot be read, so it is not what it should be. How far it had come may be known still.
      return Optional.of(new Old(position, Optional.of(NOBODYS)));
    }
  }

  /// The digest of all rows, if they are what the index says they are.
  private StateDigest scanned(Index index, Position position) {
    Fingerprint found = ShardState.scan(index, terms.spawner());
    return found.equals(position.rows()) ? found.digest() : NOBODYS;
  }

  /// Empty if it cannot be made like that: nothing is at `fresh` then.
  private Optional<Made> sorted(
      StateFolder state, Path fresh, Optional<Old> before, Optional<SegmentId> known, How how)
      throws HoldfastException {
    String why;
    try (Index index = terms.indexes().open(fresh)) {
      Following following = new Following(before, state.index(), index);
      SortedReplay replay =
          new SortedReplay(
              Service.SHARD,
              terms.reader(),
              terms.spawner(),
              state.scratch(),
              how.fileRecords,
              following);
      switch (replay.run(index, known, how.resume)) {
        case SortedReplay.Made.Done _ -> {
          return Optional.of(catchUp(index, known, following, Misfits.STOP));
        }
        case SortedReplay.Made.Not not -> why = not.why();
      }
    } catch (CorruptException e) {
      // In order it may come out that something is lost, and what.
      why = String.valueOf(e.getMessage());
    }
    progress.inOrder(why);
    state.delete(fresh);
    return Optional.empty();
  }

  /// Only here are checks overridden: every check of a live server is made here.
  private Made inOrder(
      StateFolder folder,
      Path fresh,
      Optional<Old> before,
      Optional<SegmentId> known,
      Overrides overrides)
      throws HoldfastException {
    try (Index index = terms.indexes().open(fresh)) {
      return catchUp(index, known, new Following(before, folder.index(), index), overrides);
    }
  }

  private Made catchUp(Index index, Optional<SegmentId> known, Following following, Misfits misfits)
      throws HoldfastException {
    CatchUp catchUp =
        new CatchUp(Service.SHARD, terms.reader(), terms.spawner(), known, following, misfits);
    ShardState state = catchUp.run(index);
    index.flush();
    return new Made(following.segments, state.position(), following.atOld, following.difference);
  }

  private static Optional<SegmentId> seen(Optional<Old> before) {
    return before
        .filter(old -> old.position.epoch() != 0)
        .map(old -> old.position.segmentId(Service.SHARD));
  }

  private static boolean isAt(Position one, Position other) {
    return one.epoch() == other.epoch() && one.segment() == other.segment();
  }

  private static Report report(
      Optional<Old> before, Made made, Overrides overrides, List<String> overridden, long millis) {
    Comparison comparison =
        overrides.used().contains(Check.LOST_END)
            ? Comparison.LOST_END
            : before.map(old -> compare(old, made)).orElse(Comparison.NOTHING_TO_COMPARE);
    return new Report(
        made.segments,
        made.position.nextRecord() - 1,
        made.position.digest(),
        comparison,
        made.difference,
        overridden,
        millis);
  }

  private static Comparison compare(Old old, Made made) {
    if (old.scanned.isEmpty()) {
      return Comparison.UNFINISHED;
    }
    if (made.atOld.isEmpty()) {
      return Comparison.CLEANED_SINCE;
    }
    return old.scanned.equals(made.atOld) ? Comparison.EQUAL : Comparison.DIFFERENT;
  }

  /// How an old index compares with what the log says.
  public enum Comparison {
    EQUAL,
    DIFFERENT,
    /// Segments were cleaned behind where it ends: the log does not say any more what it was there.
    CLEANED_SINCE,
    /// The old index has seen more than the bucket holds, which was given up.
    LOST_END,
    /// The old index was being made when somebody was cut short.
    UNFINISHED,
    NOTHING_TO_COMPARE
  }

  /// What a rebuild has done, and how long it took.
  ///
  /// @param difference in which rows the old index differs; empty if it does not, or nobody can
  ///   tell
  /// @param overridden checks that it went on without, a line each
  public record Report(
      int segments,
      long records,
      StateDigest digest,
      Comparison comparison,
      Optional<IndexDifference> difference,
      List<String> overridden,
      long millis) {
    public Report {
      overridden = List.copyOf(overridden);
    }

    public long recordsPerSecond() {
      return records * 1000 / Math.max(1, millis);
    }

    String line(boolean isOldKept) {
      return String.format(
          Locale.ROOT,
          "%d records of %d segments in %.1f s, %d a second; old index: %s, %s",
          records,
          segments,
          millis / 1e3,
          recordsPerSecond(),
          comparison.name().toLowerCase(Locale.ROOT).replace('_', ' '),
          isOldKept ? "stays" : "replaced");
    }
  }

  /// `scanned` is empty if it was not finished.
  private record Old(Position position, Optional<StateDigest> scanned) {}

  /// `atOld` is the digest where the old index ends; empty if nobody can tell.
  private record Made(
      int segments,
      Position position,
      Optional<StateDigest> atOld,
      Optional<IndexDifference> difference) {}

  /// Passes on how far it has come, and looks at the state where the old index ends.
  private final class Following implements CatchUp.Listener, SortedReplay.Listener {
    private final Optional<Old> old;
    private final Path oldIndex;
    private final Index made;
    private Optional<StateDigest> atOld = Optional.empty();
    private Optional<IndexDifference> difference = Optional.empty();
    private int segments;

    Following(Optional<Old> old, Path oldIndex, Index made) {
      this.old = old;
      this.oldIndex = oldIndex;
      this.made = made;
      if (old.isPresent() && old.get().position.epoch() == 0) {
        atOld = Optional.of(StateDigest.ZERO);
      }
    }

    @Override
    public void replaying(int count) {
      segments += count;
    }

    @Override
    public void replayed(long done, long all, ShardState state) {
      replayed(state);
      progress.at(Phase.REPLAYING, done, all, state.position().nextRecord() - 1);
    }

    @Override
    public void fetched(long done, long all, long waitedNanos) {
      segments = (int) all;
      progress.waited(waitedNanos);
      progress.at(Phase.FETCHING, done, all, 0);
    }

    @Override
    public void applied(long done, long all, long records) {
      progress.at(Phase.SORTING, done, all, records);
    }

    @Override
    public void loaded(int done, int all) {
      progress.at(Phase.LOADING, done, all, 0);
    }

    @Override
    public void replayed(ShardState state) {
      if (old.isEmpty() || !isAt(state.position(), old.get().position)) {
        return;
      }
      atOld = state.hasHoles() ? Optional.empty() : Optional.of(state.digest());
      Optional<StateDigest> scanned = old.get().scanned;
      if (atOld.isPresent() && scanned.isPresent() && !scanned.equals(atOld)) {
        difference = Optional.of(difference());
      }
    }

    private IndexDifference difference() {
      try (Index before = terms.indexes().open(oldIndex)) {
        return IndexDifference.of(before, made);
      } catch (RefusedException | UnavailableException e) {
        return new IndexDifference(
            List.of(), List.of(), Optional.of(String.valueOf(e.getMessage())));
      }
    }
  }

  /// What is to be done.
  ///
  /// @param compareOnly leaves the old index where it is
  /// @param resume goes on with headers that a rebuild which was cut short has read
  /// @param inOrder takes the slow, safe way
  /// @param fileRecords records of blocks that are sorted at a time
  /// @param overrides checks to go on without
  public record How(
      boolean compareOnly, boolean resume, boolean inOrder, int fileRecords, Set<Check> overrides) {
    /// From the start, the fast way.
    public static final How REPLACE = of(false, false, false);

    /// As [#REPLACE], and the old index stays.
    public static final How COMPARE = of(true, false, false);

    public How {
      overrides = Set.copyOf(overrides);
    }

    public static How of(boolean compareOnly, boolean resume, boolean inOrder) {
      return new How(compareOnly, resume, inOrder, SortedReplay.FILE_RECORDS, Set.of());
    }

    /// The same, going on without these checks.
    public How overriding(Set<Check> checks) {
      return new How(compareOnly, resume, inOrder, fileRecords, checks);
    }
  }

  /// Where a rebuild is.
  public enum Phase {
    /// Reads headers from the bucket: so many segments.
    FETCHING,
    /// Applies what is not of blocks, and sorts out what is: so many segments.
    SORTING,
    /// Sorts, and makes rows: so many files.
    LOADING,
    /// Applies all records in order: so many segments.
    REPLAYING
  }

  /// Hears how far a rebuild has come.
  public interface Progress {
    /// Told to nobody.
    Progress NONE =
        new Progress() {
          @Override
          public void at(Phase phase, long done, long all, long records) {}

          @Override
          public void inOrder(String why) {}
        };

    /// How far a phase has come, and how many records it has applied.
    void at(Phase phase, long done, long all, long records);

    /// Since the start it has waited so long for the bucket, with nothing else to do.
    default void waited(long nanos) {}

    /// All is replayed in order, and why.
    void inOrder(String why);
  }
}
