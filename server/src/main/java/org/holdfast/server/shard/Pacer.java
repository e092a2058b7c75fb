package org.holdfast.server.shard;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.UnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets background jobs go on beside clients, who come first. A job does its work in pieces and
/// asks here before each.
///
/// - While no client waits, a job pauses after each piece for about as long as that took.
/// - While clients wait it pauses until they do not, but for a multiple of the piece's time at most
///   ([BackgroundJob]): that share is guaranteed, or work that keeps the service alive would starve
///   under a load that never ends, and what it should have given back would grow without bound.
/// - For room in the log it waits behind clients, with a floor too ([Turns]). That wait is not
///   counted as its piece's time.
/// - No piece begins while the job is switched off, or while something is in the way of all of
///   them, as a disk that is nearly full.
/// - Failures are counted, and told when they repeat: a job that starts again and again is a sign
///   of something else.
///
/// Any thread; each job runs its pieces on one at a time.
public final class Pacer {
  private static final Logger LOG = LoggerFactory.getLogger(Pacer.class);

  /// What a piece counts for at least: the clock may not see a short one.
  private static final long PIECE_NANOS_MIN = 1_000_000;

  /// A piece that was held up itself does not stop its job for hours.
  private static final long PIECE_NANOS_MAX = 10_000_000_000L;

  /// How often it is looked whether clients still wait.
  private static final long LOOK_MILLIS = 5;

  /// What counts as of late, in minutes: some jobs are seldom due.
  private static final int LATELY_MINUTES = 180;

  /// So many failures in a row are told; then as many again as there were.
  private static final long FAILURES_TOLD = 4;

  private final Clock clock;
  private final BooleanSupplier clientsWait;
  private final Supplier<Optional<String>> obstacle;
  private final Appending log;
  private final Map<BackgroundJob, Lane> lanes = new EnumMap<>(BackgroundJob.class);

  /// `clientsWait` says whether a client waits for the owner, for room in the log or for blocks;
  /// `obstacle` what is in the way of all background work, if anything; `log` runs what appends.
  Pacer(
      Clock clock,
      BooleanSupplier clientsWait,
      Supplier<Optional<String>> obstacle,
      Appending log) {
    this.clock = clock;
    this.clientsWait = clientsWait;
    this.obstacle = obstacle;
    this.log = log;
    for (BackgroundJob job : BackgroundJob.values()) {
      lanes.put(job, new Lane(clock));
    }
  }

  /// Waits for the job's turn, then for room in the log, and runs the action on the owner's thread.
  /// It appends some `bytes` at most, of which one record has `dataLength` bytes of data at most,
  /// and stops by itself where the log has no room for more. It should take 10 ms or so, because
  /// others wait for the owner meanwhile.
  <T> T append(BackgroundJob job, int dataLength, long bytes, ShardLog.Action<T> action)
      throws HoldfastException {
    Lane lane = await(job);
    return log.append(
        dataLength,
        bytes,
        () -> {
          long start = clock.nanos();
          try {
            return action.run();
          } finally {
            lane.worked(start, clock.nanos());
          }
        });
  }

  /// Waits for the job's turn, then does a piece of its work that needs no room in the log, on the
  /// caller's thread.
  public <T> T run(BackgroundJob job, Piece<T> piece) throws HoldfastException {
    Lane lane = await(job);
    long start = clock.nanos();
    try {
      return piece.run();
    } finally {
      lane.worked(start, clock.nanos());
    }
  }

  /// As [#run], of a piece that its caller does not hand over: waits for the job's turn and answers
  /// when the piece begins, for [#end].
  public long begin(BackgroundJob job) throws UnavailableException {
    await(job);
    return clock.nanos();
  }

  /// The piece is over that [#begin] began at this moment.
  public void end(BackgroundJob job, long beganNanos) {
    lane(job).worked(beganNanos, clock.nanos());
  }

  /// No more pieces of the job begin until [#resume]. One that runs comes to its end.
  public void hold(BackgroundJob job) {
    lane(job).off = true;
  }

  public void resume(BackgroundJob job) {
    lane(job).off = false;
  }

  /// Why no piece of the job may begin; empty if it may.
  public Optional<String> holds(BackgroundJob job) {
    return lane(job).off ? Optional.of("it is switched off") : obstacle.get();
  }

  /// The job has come to its end; it begins again some time.
  public void ended(BackgroundJob job) {
    lane(job).ended();
  }

  /// The job has come to nothing, and will begin again.
  public void failed(BackgroundJob job, Exception why) {
    long inARow = lane(job).failed();
    if (inARow >= FAILURES_TOLD && Long.bitCount(inARow) == 1) {
      LOG.warn(
          "{} has failed {} times in a row, and begins again each time: {}",
          job,
          inARow,
          why.getMessage());
    }
  }

  /// What the job has done since the start.
  public Progress progress(BackgroundJob job) {
    return lane(job).progress();
  }

  /// A count of what is done in so many minutes, by the clock of background work.
  Lately lately(int minutes) {
    return new Lately(clock, minutes);
  }

  /// Waits for the job's turn.
  private Lane await(BackgroundJob job) throws UnavailableException {
    Lane lane = lane(job);
    long asked = clock.nanos();
    try {
      check(job);
      sleepUntil(lane.earliest(job));
      long latest = lane.latest(job);
      while (clientsWait.getAsBoolean() && clock.nanos() - latest < 0) {
        clock.sleepMillis(LOOK_MILLIS);
      }
      check(job);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ShardLoop.stopped();
    }
    lane.waited(clock.nanos() - asked);
    return lane;
  }

  private void sleepUntil(long dueNanos) throws InterruptedException {
    long leftNanos = dueNanos - clock.nanos();
    if (leftNanos > 0) {
      clock.sleepMillis((leftNanos + 999_999) / 1_000_000);
    }
  }

  private void check(BackgroundJob job) throws UnavailableException {
    Optional<String> why = holds(job);
    if (why.isPresent()) {
      throw new UnavailableException(job + " waits: " + why.get());
    }
  }

  private Lane lane(BackgroundJob job) {
    return Objects.requireNonNull(lanes.get(job), "every job has one");
  }

  /// What the pacer knows of one job.
  private static final class Lane {
    private final Lately recentEnds;
    private final Lately recentFailures;
    private volatile boolean off;
    private long pieces;
    private long workedNanos;
    private long waitedNanos;
    private long pieceNanos;
    private long endNanos;
    private long ends;
    private long failures;
    private long failuresInARow;

    Lane(Clock clock) {
      this.recentEnds = new Lately(clock, LATELY_MINUTES);
      this.recentFailures = new Lately(clock, LATELY_MINUTES);
      this.endNanos = clock.nanos();
    }

    synchronized long earliest(BackgroundJob job) {
      return endNanos + job.shortestPauseNanos(pieceNanos);
    }

    synchronized long latest(BackgroundJob job) {
      return endNanos + job.longestPauseNanos(pieceNanos);
    }

    synchronized void waited(long nanos) {
      waitedNanos += nanos;
    }

    synchronized void worked(long startNanos, long nowNanos) {
      pieces++;
      workedNanos += nowNanos - startNanos;
      pieceNanos = Math.clamp(nowNanos - startNanos, PIECE_NANOS_MIN, PIECE_NANOS_MAX);
      endNanos = nowNanos;
    }

    synchronized void ended() {
      ends++;
      recentEnds.add(1);
      failuresInARow = 0;
    }

    synchronized long failed() {
      failures++;
      recentFailures.add(1);
      failuresInARow++;
      return failuresInARow;
    }

    synchronized Progress progress() {
      return new Progress(
          pieces,
          workedNanos / 1_000_000,
          waitedNanos / 1_000_000,
          ends,
          failures,
          failuresInARow,
          recentEnds.sum(),
          recentFailures.sum());
    }
  }

  /// How often, and for how long, a job has worked and waited for its turn; how often it came to
  /// its end, and to nothing. What is recent is of the last three hours, or since the start.
  public record Progress(
      long pieces,
      long workedMillis,
      long waitedMillis,
      long ends,
      long failures,
      long failuresInARow,
      long recentEnds,
      long recentFailures) {}

  /// Runs what appends on the owner's thread, when its turn has come.
  interface Appending {
    <T> T append(int dataLength, long bytes, ShardLog.Action<T> action) throws HoldfastException;
  }

  /// A piece of a job's work.
  public interface Piece<T> {
    T run() throws HoldfastException;
  }
}
