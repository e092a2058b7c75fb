package org.holdfast.server;

import java.nio.file.Path;
import java.util.Locale;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.log.StateDigest;
import org.holdfast.server.journal.Timeline;
import org.holdfast.server.shard.ShardStart;

/// Notes in the timeline what a server's start does, and passes all on.
///
/// Used by one thread.
final class StartNotes implements ShardStart.Listener {
  private final Timeline timeline;
  private final Clock clock;
  private final ShardStart.Listener inner;
  private final long startNanos;
  private long segments;

  StartNotes(Path folder, Clock clock, ShardStart.Listener inner) {
    this.timeline = Timeline.in(folder, clock, "start");
    this.clock = clock;
    this.inner = inner;
    this.startNanos = clock.nanos();
  }

  /// Starts, as `starting` does.
  Service run(Starting starting) throws HoldfastException {
    timeline.note("begun");
    try {
      Service service = starting.start(this);
      double seconds = (clock.nanos() - startNanos) / 1e9;
      timeline.note(
          String.format(
              Locale.ROOT,
              "ended, in %.1f s, %d segments replayed, %.0f a second; at record %d of epoch %d",
              seconds,
              segments,
              segments / Math.max(0.001, seconds),
              service.shard().position().nextRecord() - 1,
              service.shard().epoch()));
      return service;
    } catch (HoldfastException | RuntimeException e) {
      timeline.note("CUT SHORT: " + e.getMessage());
      throw e;
    }
  }

  @Override
  public void mayEnd(boolean may) {
    inner.mayEnd(may);
  }

  @Override
  public void proven(StateDigest digest) {
    timeline.note("the index was not closed, and its digest " + digest + " holds");
    inner.proven(digest);
  }

  @Override
  public void discarded(String reason) {
    timeline.note("INDEX DISCARDED: " + reason);
    inner.discarded(reason);
  }

  @Override
  public void imageFetched(long bytesDone, long bytesAll) {
    if (bytesDone == bytesAll) {
      timeline.note("an image of " + (bytesAll >> 20) + " MiB is fetched");
    }
    inner.imageFetched(bytesDone, bytesAll);
  }

  @Override
  public void imageTaken(String list, long record, long bytes) {
    timeline.note("from the image " + list + ", up to record " + record);
    inner.imageTaken(list, record, bytes);
  }

  @Override
  public void imageLeft(String list, String why) {
    timeline.note("IMAGE LEFT: " + list + ": " + why);
    inner.imageLeft(list, why);
  }

  @Override
  public void fromHeaders(String why) {
    timeline.note("from headers: " + why);
    inner.fromHeaders(why);
  }

  @Override
  public void fetched(long segmentsDone, long segmentsAll) {
    if (segmentsDone == segmentsAll) {
      timeline.note("the headers of " + segmentsAll + " segments are read, to be sorted");
    }
    inner.fetched(segmentsDone, segmentsAll);
  }

  @Override
  public void loaded(int filesDone, int filesAll) {
    if (filesDone == filesAll) {
      timeline.note("blocks are sorted and in the index, in " + filesAll + " files");
    }
    inner.loaded(filesDone, filesAll);
  }

  @Override
  public void inOrder(String why) {
    timeline.note("all records in order, which is slower: " + why);
    inner.inOrder(why);
  }

  @Override
  public void replaying(int count) {
    if (count > 0) {
      timeline.note("replaying begun, " + count + " segments");
    }
    inner.replaying(count);
  }

  @Override
  public void replayed(long segmentsDone, long segmentsAll, long recordsDone) {
    segments++;
    inner.replayed(segmentsDone, segmentsAll, recordsDone);
  }

  /// Starts a service, and tells a listener.
  interface Starting {
    Service start(ShardStart.Listener listener) throws HoldfastException;
  }
}
