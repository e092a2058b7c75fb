package org.holdfast.server;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.SegmentId;
import org.holdfast.log.StateDigest;
import org.holdfast.server.drill.DrillBook;
import org.holdfast.server.drill.DrillRecord;
import org.holdfast.server.drill.DrillWatch;
import org.holdfast.server.drill.LiveDigests;
import org.holdfast.server.drill.Pace;
import org.holdfast.server.index.RocksIndex;
import org.holdfast.server.journal.Timeline;
import org.holdfast.server.shard.BackgroundJob;
import org.holdfast.server.shard.BackgroundMemory;
import org.holdfast.server.shard.BackgroundTimer;
import org.holdfast.server.shard.ShardService;
import org.holdfast.server.shard.StateFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Drills inside a server, behind all other work: one object is read at a time, and after each, as
/// after each bit of the processor's work, clients come first.
///
/// What fails in a drill says nothing of the live state, and never stops it: it is told.
///
/// Any thread; rounds run one after the other.
final class ScheduledDrill implements BackgroundTimer.Rounds {
  private static final Logger LOG = LoggerFactory.getLogger(ScheduledDrill.class);

  /// How long after a start, and how often it is looked then.
  private static final long PAUSE_MILLIS = 60_000;

  /// After one that was cut short: what stood in its way may take a while.
  private static final long AGAIN_MILLIS = 3_600_000;

  /// Records of blocks that are sorted at a time; two files of some 6 MB each.
  private static final int FILE_RECORDS = 40_000;

  /// What a drill holds in memory whatever the log is like, in bytes: the files that are sorted,
  /// what is written to others, headers on their way.
  private static final long FIXED_BYTES = 24 << 20;

  /// What it holds for each segment, in bytes: that it is listed, and where its header is.
  private static final long SEGMENT_BYTES = 250;

  private final Service.Terms terms;
  private final ShardService shard;
  private final Path folder;
  private final DrillBook book;
  private final DrillWatch watch;
  private long waitMillis = PAUSE_MILLIS;
  private volatile boolean stopped;

  /// Of a shard whose state folder is at `folder`, each `periodMillis`.
  ScheduledDrill(Service.Terms terms, ShardService shard, Path folder, long periodMillis) {
    this.terms = terms;
    this.shard = shard;
    this.folder = folder;
    this.book = new DrillBook(folder);
    this.watch = new DrillWatch(book, terms.clock(), periodMillis);
  }

  DrillWatch watch() {
    return watch;
  }

  @Override
  public synchronized boolean isDue(long sinceMillis) {
    try {
      return sinceMillis >= waitMillis && watch.isDue();
    } catch (RefusedException e) {
      LOG.warn("no drill: {}", e.getMessage());
      return false;
    }
  }

  @Override
  public long pauseMillis() {
    return PAUSE_MILLIS;
  }

  @Override
  public void stop() {
    stopped = true;
  }

  /// Gives the place back that a drill has left which was killed.
  void clear() {
    try (StateFolder scratch = StateFolder.open(scratch())) {
      scratch.remove();
    } catch (HoldfastException e) {
      // Another one is at work there, or the next one tells.
      LOG.debug("{}", e.getMessage());
    }
  }

  @Override
  public boolean round() throws HoldfastException {
    lookAfter(AGAIN_MILLIS);
    try {
      DrillRecord found = drill();
      book.add(found);
      if (!found.isGood()) {
        LOG.error("A DRILL HAS FAILED ({}): {}", found.resultName(), found.why());
      }
      shard.memory().checkReturned(BackgroundJob.DRILL);
    } catch (HoldfastException e) {
      shard.pacer().failed(BackgroundJob.DRILL, e);
      throw e;
    }
    lookAfter(PAUSE_MILLIS);
    shard.pacer().ended(BackgroundJob.DRILL);
    return false;
  }

  private synchronized void lookAfter(long millis) {
    waitMillis = millis;
  }

  private DrillRecord drill() throws HoldfastException {
    long bytes = memoryBytes(segments());
    try (var _ = shard.memory().lease(BackgroundJob.DRILL, bytes, () -> stopped)) {
      Timeline timeline = Timeline.in(folder, terms.clock(), "drill in the background");
      return new Drill(
              terms,
              RocksIndex::openSmall,
              scratch(),
              FILE_RECORDS,
              new Live(),
              new Gentle(),
              Rebuild.Progress.NONE,
              timeline)
          .run();
    }
  }

  private long segments() throws HoldfastException {
    long[] segments = new long[1];
    shard.durable(rows -> {
      rows.eachSegment(Service.SHARD, (_, _) -> segments[0]++);
      return rows;
    });
    return segments[0];
  }

  /// Throws if the log has more segments than the budget of background work has memory for.
  static long memoryBytes(long segments) throws RefusedException {
    long bytes = FIXED_BYTES + SEGMENT_BYTES * segments;
    if (bytes > BackgroundMemory.JOB_BYTES) {
      throw new RefusedException(
          "a log of %d segments is too long for a drill beside clients: run `holdfast drill` now"
                  .formatted(segments)
              + " and then, best on another machine, and set `drill-days = 0`");
    }
    return bytes;
  }

  private Path scratch() {
    return folder.resolve("drill");
  }

  /// What this very server knows.
  private final class Live implements LiveDigests {
    @Override
    public Map<SegmentId, StateDigest> recent() {
      return shard.digests().all();
    }

    @Override
    public Optional<SegmentId> durable() throws HoldfastException {
      return shard.durable(rows -> rows.position()).lastSegment(Service.SHARD);
    }
  }

  /// Waits before each piece until it is this job's turn.
  private final class Gentle implements Pace {
    private final AtomicLong workedNanos = new AtomicLong();

    @Override
    public long begin() throws UnavailableException {
      if (stopped) {
        throw new UnavailableException("the server is stopping");
      }
      return shard.pacer().begin(BackgroundJob.DRILL);
    }

    @Override
    public void end(long beganNanos) {
      workedNanos.addAndGet(terms.clock().nanos() - beganNanos);
      shard.pacer().end(BackgroundJob.DRILL, beganNanos);
    }

    @Override
    public long workedNanos() {
      return workedNanos.get();
    }

    @Override
    public boolean isGentle() {
      return true;
    }
  }
}
