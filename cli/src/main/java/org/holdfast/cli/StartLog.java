package org.holdfast.cli;

import java.util.function.Consumer;
import org.holdfast.log.StateDigest;
import org.holdfast.server.shard.ShardStart;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the log what a start does.
final class StartLog implements ShardStart.Listener {
  private static final Logger LOG = LoggerFactory.getLogger("serve");
  private static final int LINES = 20;
  private final Consumer<Boolean> mayEnd;
  private long told;
  private long fetched;
  private int loaded;

  /// `mayEnd` hears when the process may end at any moment, and when it may not any more.
  StartLog(Consumer<Boolean> mayEnd) {
    this.mayEnd = mayEnd;
  }

  @Override
  public void mayEnd(boolean may) {
    mayEnd.accept(may);
  }

  @Override
  public void proven(StateDigest digest) {
    LOG.info("the index was not closed; its digest {} holds", digest);
  }

  @Override
  public void discarded(String reason) {
    LOG.warn("the index is thrown away and made again from the log: {}", reason);
  }

  @Override
  public void imageTaken(String list, long record, long bytes) {
    LOG.info(
        "the index is that of the image {}, {} MiB, up to record {}", list, bytes >> 20, record);
  }

  @Override
  public void imageLeft(String list, String why) {
    LOG.warn("the image {} cannot be used: {}", list, why);
  }

  @Override
  public void fromHeaders(String why) {
    LOG.info("the index is made from the log's headers: {}", why);
  }

  @Override
  public void fetched(long segmentsDone, long segmentsAll) {
    if (segmentsDone - fetched >= Math.max(1000, segmentsAll / LINES)) {
      fetched = segmentsDone;
      LOG.info("the index is made from the log: read {} of {} headers", segmentsDone, segmentsAll);
    }
  }

  @Override
  public void loaded(int filesDone, int filesAll) {
    if (filesDone - loaded >= Math.max(1, filesAll / LINES) || filesDone == filesAll) {
      loaded = filesDone;
      LOG.info("the index is made from the log: loaded {} of {} files", filesDone, filesAll);
    }
  }

  @Override
  public void inOrder(String why) {
    LOG.warn("all records are replayed in order, which takes longer: {}", why);
  }

  @Override
  public void replaying(int segments) {
    told = 0;
    LOG.info("replaying {} segments", segments);
  }

  @Override
  public void replayed(long segmentsDone, long segmentsAll, long recordsDone) {
    if (segmentsDone - told >= Math.max(1000, segmentsAll / LINES)) {
      told = segmentsDone;
      LOG.info("replayed {} of {} segments", segmentsDone, segmentsAll);
    }
  }
}
