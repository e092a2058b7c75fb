package org.holdfast.sim;

import java.security.SecureRandom;
import java.util.Map;
import java.util.SplittableRandom;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.Buckets;
import org.holdfast.bucket.Hedging;
import org.holdfast.bucket.S3Settings;
import org.holdfast.core.Clock;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.log.LogWriter;
import org.holdfast.server.Service;
import org.holdfast.server.recovery.Sorting;
import org.holdfast.server.session.Limits;

/// How the servers of one run are set up. Drawn, so that what waits only where memory, places or
/// turns are few does wait in some runs.
///
/// @param isLayered whether the layers of a bucket in S3 are around the store: attempts, turns,
///   second requests
/// @param retryMillis after which a call that keeps failing is given up
/// @param concurrency the most requests at once
/// @param patienceMillis how long an object that must be there, and is not, is asked for again
/// @param lingerMillis how long a commit waits for others to share its segment
/// @param graceMillis how long a deletion can be undone: soon over in half of the runs
/// @param hedging when a get is asked a second time: sooner than usual in half of the runs, as a
///   process makes few
/// @param segmentDataLength at which a segment is full: in some runs after a few blocks, so that
///   several are on their way at a time
/// @param pipeBytes that a connection holds each way
/// @param cleansAny whether segments are cleaned of which that is not worth it, too
/// @param cleansMuch whether one comes soon after the other, the newest that may be cleaned first,
///   deletions are over soon, and there is much to delete
/// @param scrubMillis after which everything is read again; 0: never
record Setting(
    boolean isLayered,
    long retryMillis,
    int concurrency,
    long patienceMillis,
    long lingerMillis,
    long graceMillis,
    Limits limits,
    Hedging hedging,
    int segmentDataLength,
    int pipeBytes,
    boolean cleansAny,
    boolean cleansMuch,
    long scrubMillis) {
  /// More than the largest block of these trees, in bytes.
  private static final long STORE_BYTES_MIN = 600_000;

  /// More than the largest read.
  private static final long FETCH_BYTES_MIN = 4_600_000;

  private static final long GRACE_MILLIS_MAX = 120_000;

  /// Often, as few segments are worth it in a history so short.
  private static final long CLEAN_MILLIS_MAX = 20_000;

  /// Histories take minutes.
  private static final long SCRUB_MILLIS_MAX = 120_000;

  /// Several files of blocks in a history so short.
  private static final int SORTED_RECORDS = 30;

  /// Logs that are longer than that are made an image of, in segments: of most.
  private static final int IMAGED_SEGMENTS_MAX = 8;

  private static final int IMAGE_PACES = 20;
  private static final long IMAGE_PACE_MILLIS = 1_000;

  static Setting draw(SplittableRandom random) {
    boolean isLayered = random.nextBoolean();
    long retryMillis = random.nextBoolean() ? 60_000 : 1_000 + random.nextLong(20_000);
    boolean isTight = random.nextInt(3) == 0;
    boolean cleansMuch = random.nextInt(6) == 0;
    return new Setting(
        isLayered,
        retryMillis,
        random.nextBoolean() ? 64 : 4,
        isLayered ? retryMillis : 2_000,
        random.nextInt(3) == 0 ? random.nextLong(200) : 5,
        grace(cleansMuch, random),
        isTight
            ? new Limits(
                STORE_BYTES_MIN + random.nextLong(STORE_BYTES_MIN),
                FETCH_BYTES_MIN,
                1 + random.nextInt(4))
            : Limits.DEFAULT,
        random.nextBoolean()
            ? Hedging.USUAL
            : new Hedging(2 + random.nextInt(6), 0.15 * random.nextInt(3)),
        random.nextInt(3) > 0 ? 1_000 + random.nextInt(40_000) : LogWriter.SEGMENT_DATA_LENGTH,
        isTight ? 1 + random.nextInt(64 << 10) : 1 << 20,
        cleansMuch || random.nextBoolean(),
        cleansMuch,
        random.nextInt(3) == 0 ? 1 + random.nextLong(SCRUB_MILLIS_MAX) : 0);
  }

  private static long grace(boolean isShort, SplittableRandom random) {
    if (isShort) {
      return random.nextLong(GRACE_MILLIS_MAX / 10);
    }
    return random.nextBoolean() ? Service.Terms.GRACE_MILLIS : random.nextLong(GRACE_MILLIS_MAX);
  }

  /// The longest pause before another segment is cleaned.
  long cleanMillis() {
    return cleansMuch ? CLEAN_MILLIS_MAX / 5 : CLEAN_MILLIS_MAX;
  }

  /// In one run of four or five a start makes its index by sorting. In as many others it starts
  /// from an image, and sorts where there is none.
  Sorting sorting() {
    return switch (segmentDataLength % 3) {
      case 0 -> new Sorting(1, SORTED_RECORDS);
      case 2 -> new Sorting(1 + segmentDataLength % IMAGED_SEGMENTS_MAX, SORTED_RECORDS);
      default -> Sorting.NEVER;
    };
  }

  /// Whether servers make images of their index.
  boolean makesImages() {
    return segmentDataLength % 3 == 2;
  }

  /// So much passes between two looks whether one is due, on average: 1 to 20 s.
  long imageMillis() {
    return 1_000 + segmentDataLength % IMAGE_PACES * IMAGE_PACE_MILLIS;
  }

  /// In one run of eight servers follow the log for a while before they take it over.
  boolean standsBy() {
    return segmentDataLength % 5 == 1;
  }

  /// A process's bucket over its way to the store.
  Bucket around(Bucket store, Clock clock, SecureRandom random, Spawner spawner) {
    if (!isLayered) {
      return store;
    }
    Map<String, String> values =
        Map.of(
            "s3-retry-time",
            Long.toString(retryMillis),
            "s3-concurrency",
            Integer.toString(concurrency));
    try {
      S3Settings settings = S3Settings.read(values, "simulated", Map.of());
      return new Buckets(clock, random, spawner, settings).layered(store, hedging);
    } catch (RefusedException e) {
      throw new IllegalStateException(e);
    }
  }
}
