package org.holdfast.server.shard;

import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;
import org.holdfast.server.state.DurableState;
import org.holdfast.server.state.SegmentRow;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads every segment again, round after round, so that damage is found while a copy of the bucket
/// may still have what is lost (`docs/operations.md`, "Scrub").
///
/// - It reads in the order of the log: header, authenticity, the checksum of each block, of dead
///   ones too, since an object is whole or it is not.
/// - A round ends at the segment that was the newest when it began: what is written meanwhile is
///   for the next one. What cleaning moves behind that end was checked when it was moved. Segments
///   that are retired before their turn are passed over.
/// - What is damaged is asked for again, as readers do, then told to [Damages]; nothing is mended.
///   What is known to be damaged is [DamageWatch]'s, and is not read here.
/// - A server whose log another one has taken over tells nothing.
/// - How far it came is kept in the state folder, at most [#KEEP_MILLIS] late.
///
/// Any thread; rounds run one after the other.
public final class Scrub implements BackgroundTimer.Rounds {
  private static final Logger LOG = LoggerFactory.getLogger(Scrub.class);

  /// What a segment takes in memory, in bytes: its records, and the longest block with what is read
  /// beside it. Taken at once, so that nothing is held by who waits.
  private static final long SEGMENT_MEMORY_LENGTH = 23 << 20;

  private static final long PAUSE_MILLIS = 60_000;

  /// Segments that are looked up at a time.
  private static final int PAGE = 100;

  /// After a crash so much is read again.
  private static final long KEEP_MILLIS = 60_000;

  private final ShardService service;
  private final HeaderReader headers;
  private final BlockReader blocks;
  private final Damages damages;
  private final Clock clock;
  private long periodMillis;
  private ScrubProgress progress = ScrubProgress.NONE;
  private Optional<StateFolder> folder = Optional.empty();
  private long keptNanos;
  private volatile boolean stopped;

  Scrub(
      ShardService service,
      HeaderReader headers,
      BlockReader blocks,
      Damages damages,
      Clock clock) {
    this.service = service;
    this.headers = headers;
    this.blocks = blocks;
    this.damages = damages;
    this.clock = clock;
    this.keptNanos = clock.nanos();
  }

  /// A round each `periodMillis` is due from here on. Goes on where an earlier process was, if the
  /// folder says so, and remembers there how far it comes.
  public synchronized void begin(long everyMillis, Optional<StateFolder> state) {
    periodMillis = everyMillis;
    folder = state;
    try {
      progress = state.isPresent() ? state.get().scrub().orElse(progress) : progress;
    } catch (RefusedException e) {
      LOG.warn("{}: the scrub begins anew", e.getMessage());
    }
  }

  /// Not right after a start, when there is more important work.
  @Override
  public boolean isDue(long waitedMillis) {
    return waitedMillis >= PAUSE_MILLIS && isDue();
  }

  @Override
  public long pauseMillis() {
    return PAUSE_MILLIS;
  }

  /// Whether there is something to read.
  public synchronized boolean isDue() {
    long sinceMillis = clock.wallMillis() - progress.beganMillis();
    // A clock that was set back must not put it off for years.
    return periodMillis > 0
        && (progress.isUnderWay() || sinceMillis >= periodMillis || sinceMillis < 0);
  }

  @Override
  public void stop() {
    stopped = true;
  }

  /// Remembers how far it came; the folder is somebody else's from here on.
  public synchronized void close() {
    stop();
    keep();
    folder = Optional.empty();
  }

  /// Reads what is left of the round that is under way, or all of a new one. What fails goes on
  /// from there the next time.
  @Override
  public boolean round() throws HoldfastException {
    try {
      begin();
      boolean hasMore = true;
      while (hasMore) {
        hasMore = readPage();
      }
      service.memory().checkReturned(BackgroundJob.SCRUB);
    } catch (HoldfastException e) {
      service.pacer().failed(BackgroundJob.SCRUB, e);
      throw e;
    }
    if (!stopped) {
      end();
      service.pacer().ended(BackgroundJob.SCRUB);
    }
    return false;
  }

  private void begin() throws HoldfastException {
    if (!progress().isUnderWay()) {
      Optional<SegmentId> newest = service.durable(this::newest);
      synchronized (this) {
        // An empty log has no segment that may be its first.
        SegmentId until = newest.orElse(SegmentId.first(service.number(), 1));
        progress = progress.begin(clock.wallMillis(), until);
      }
    }
  }

  private Optional<SegmentId> newest(DurableState rows) {
    SegmentId[] newest = new SegmentId[1];
    rows.eachSegment(service.number(), (id, _) -> newest[0] = id);
    return Optional.ofNullable(newest[0]);
  }

  /// Answers whether there is more to read.
  private boolean readPage() throws HoldfastException {
    ScrubProgress before = progress();
    SortedMap<SegmentId, SegmentRow> page =
        service.durable(rows -> rows.segments(service.number(), before.last(), PAGE));
    for (Map.Entry<SegmentId, SegmentRow> each : page.entrySet()) {
      if (stopped || !before.isAhead(each.getKey())) {
        return false;
      }
      read(each.getKey());
      synchronized (this) {
        progress = progress.read(each.getKey(), length(each.getValue()));
        keepNowAndThen();
      }
    }
    return !page.isEmpty();
  }

  private void read(SegmentId id) throws HoldfastException {
    if (damages.known().containsKey(id)) {
      return;
    }
    try (var _ =
        service.memory().lease(BackgroundJob.SCRUB, SEGMENT_MEMORY_LENGTH, () -> stopped)) {
      Optional<SegmentHeader> header =
          service.pacer().run(BackgroundJob.SCRUB, () -> headers.read(id, this::isOver));
      if (header.isPresent()) {
        readBlocks(header.get());
      }
    }
    Damage found = damages.known().get(id);
    if (found != null) {
      LOG.error("the scrub has found damage: {}", found.line(id));
    }
  }

  private void readBlocks(SegmentHeader header) throws HoldfastException {
    for (BlockReader.Span span : BlockReader.plan(BlockReader.placed(header))) {
      BlockReader.Reading reading =
          service.pacer().run(BackgroundJob.SCRUB, () -> blocks.read(span, this::isOver));
      if (reading.damage().isPresent() || reading.wasCleaned()) {
        return;
      }
    }
  }

  /// Asked before what is not as it should be counts as damage: another owner may have cleaned it.
  private boolean isOver() {
    return stopped || !service.goesOn();
  }

  private synchronized void end() {
    progress = progress.end(clock.wallMillis());
    keep();
  }

  private void keepNowAndThen() {
    if (clock.nanos() - keptNanos >= KEEP_MILLIS * 1_000_000) {
      keep();
    }
  }

  private void keep() {
    keptNanos = clock.nanos();
    if (folder.isEmpty()) {
      return;
    }
    try {
      folder.get().keepScrub(progress);
    } catch (RefusedException e) {
      LOG.warn("{}: a restart will not know how far the scrub came", e.getMessage());
    }
  }

  private synchronized ScrubProgress progress() {
    return progress;
  }

  /// How far it is; empty if no rounds are due.
  public Optional<Report> report() throws HoldfastException {
    ScrubProgress now = progress();
    if (!hasPeriod()) {
      return Optional.empty();
    }
    long[] leftBytes = new long[1];
    service.durable(rows -> {
      rows.eachSegment(
          service.number(), (id, row) -> leftBytes[0] += now.isAhead(id) ? length(row) : 0);
      return rows;
    });
    long nowMillis = clock.wallMillis();
    return Optional.of(
        new Report(
            now.isUnderWay()
                ? Optional.of(Math.max(0, nowMillis - now.beganMillis()))
                : Optional.empty(),
            now.readBytes(),
            leftBytes[0],
            now.endedMillis() == 0
                ? Optional.empty()
                : Optional.of(Math.max(0, nowMillis - now.endedMillis()))));
  }

  private synchronized boolean hasPeriod() {
    return periodMillis > 0;
  }

  private static long length(SegmentRow row) {
    return row.headerLength() + (long) row.dataLength();
  }

  /// `sinceMillis` the round that is under way began, if one is; what it has read and what is left
  /// of it; `endedAgoMillis` since a round was last at its end, if ever.
  public record Report(
      Optional<Long> sinceMillis, long readBytes, long leftBytes, Optional<Long> endedAgoMillis) {}
}
