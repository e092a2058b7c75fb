package org.holdfast.server.shard;

import java.util.Locale;

/// Work that no client waits for. Each job is one principal: of memory ([BackgroundMemory]) and of
/// time ([Pacer]), however often it starts again.
public enum BackgroundJob {
  /// Writes that blocks are freed.
  FREEING(10, 50),

  /// Moves what lives out of segments that are mostly dead.
  CLEANING(10, 50),

  /// Reads everything again, to find what is damaged. Nothing waits for its end: it may be slow.
  SCRUB(2, 20),

  /// Sends the index's files to the bucket. Nothing waits for its end, but for cleaning what is
  /// new.
  IMAGE(5, 50),

  /// Makes the state anew, to see that it can be made. Nothing waits for its end either. Clients
  /// that ask again at once leave gaps in which none waits: in these, too, it takes less than a
  /// tenth from them.
  DRILL(1, 8);

  private final int floorPercent;
  private final int idlePercent;

  BackgroundJob(int floorPercent, int idlePercent) {
    this.floorPercent = floorPercent;
    this.idlePercent = idlePercent;
  }

  /// How long it pauses after a piece that took so long, whatever clients do.
  long longestPauseNanos(long pieceNanos) {
    return pieceNanos * (100 - floorPercent) / floorPercent;
  }

  /// How long it pauses after such a piece though no client waits.
  long shortestPauseNanos(long pieceNanos) {
    return pieceNanos * (100 - idlePercent) / idlePercent;
  }

  /// As it is called in `status` and in the log.
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
