package org.holdfast.server.drill;

import java.util.List;
import java.util.Optional;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.S3Settings;

/// What a recovery would take: how much there is comes from the log as it is today, how fast it
/// goes from the last drills, what is not known of today from their growth.
///
/// Reading headers goes by their number, replaying them by their length.
///
/// @param segments in the bucket today
/// @param bytes of these
/// @param headerBytes of these
/// @param records the number of the last one; 0: nobody knows
/// @param fetchMillis to read all headers
/// @param replayMillis to make an index of them
/// @param readBytes that come from the bucket
/// @param requestsCost by the price table, without traffic
/// @param growth between the last two drills
/// @param fetchRate where the rate of reading is from: a drill at full speed, if there was one,
///   else one that read a header at a time, which a recovery need not; empty: assumed
/// @param replayRate likewise
public record Estimate(
    long segments,
    long bytes,
    long headerBytes,
    long records,
    long fetchMillis,
    long replayMillis,
    long gets,
    long lists,
    long readBytes,
    double requestsCost,
    Optional<Growth> growth,
    Optional<DrillRecord> fetchRate,
    Optional<DrillRecord> replayRate) {
  /// Where there was no drill: four requests at a time, the least that are tried, of 20 ms each.
  public static final long ASSUMED_HEADERS_PER_SECOND = 200;

  /// Where there was no drill: about half of what the slow way replays on one core
  /// (`docs/benchmarks.md`, "Rebuild").
  public static final long ASSUMED_HEADER_BYTES_PER_SECOND = 10_000_000;

  /// No first request for a header asks for more; how much less, nobody knows before a drill.
  private static final long FIRST_READ_LENGTH = 64 << 10;

  /// A log that does not fit one page is listed by so many hashes.
  private static final long HASHES = 256;

  /// A rebuild lists the log before it reads it, and again when it is done.
  private static final long LISTINGS = 2;

  private static final double DAY_MILLIS = 24 * 3600 * 1000;

  /// Of a log as it is today, after these drills, the newest last.
  public static Estimate of(LogSize today, List<DrillRecord> drills, S3Settings.Prices prices) {
    List<DrillRecord> good =
        drills.stream().filter(each -> each.isGood() && each.work().segments() > 0).toList();
    Optional<DrillRecord> last = good.isEmpty() ? Optional.empty() : Optional.of(good.getLast());
    Optional<DrillRecord> full =
        good.reversed().stream().filter(each -> !each.isGentle()).findFirst();
    Optional<Growth> growth =
        good.size() < 2
            ? Optional.empty()
            : Growth.between(good.get(good.size() - 2), good.getLast());
    Amounts amounts = Amounts.of(today, last);
    return of(today, amounts, growth, full.or(() -> last), last, prices);
  }

  private static Estimate of(
      LogSize today,
      Amounts amounts,
      Optional<Growth> growth,
      Optional<DrillRecord> fetchRate,
      Optional<DrillRecord> replayRate,
      S3Settings.Prices prices) {
    long segments = today.segments();
    long gets =
        replayRate
            .map(r -> scaled(r.work().gets(), segments, r.work().segments()))
            .orElse(segments);
    long pages = (segments / HASHES + Bucket.MAX_LISTED) / Bucket.MAX_LISTED;
    long lists = LISTINGS * (segments <= Bucket.MAX_LISTED ? 1 : 1 + HASHES * pages);
    return new Estimate(
        segments,
        today.bytes(),
        amounts.headerBytes,
        amounts.records,
        fetchMillis(segments, fetchRate),
        replayMillis(amounts.headerBytes, replayRate),
        gets,
        lists,
        replayRate
            .map(r -> scaled(r.work().readBytes(), segments, r.work().segments()))
            .orElse(Math.min(today.bytes(), FIRST_READ_LENGTH * segments)),
        prices.requests(lists, gets),
        growth,
        fetchRate,
        replayRate);
  }

  private static long fetchMillis(long segments, Optional<DrillRecord> rate) {
    return rate.map(r -> scaled(r.work().fetchMillis(), segments, r.work().segments()))
        .orElse(segments * 1000 / ASSUMED_HEADERS_PER_SECOND);
  }

  private static long replayMillis(long headerBytes, Optional<DrillRecord> rate) {
    return rate.map(r -> scaled(r.work().replayMillis(), headerBytes, r.work().headerBytes()))
        .orElse(headerBytes * 1000 / ASSUMED_HEADER_BYTES_PER_SECOND);
  }

  /// Milliseconds that a recovery takes in so many days, if the log goes on to grow as it did;
  /// empty if nobody knows how it grows.
  public Optional<Long> millisIn(int days) {
    return growth.map(each ->
        fetchMillis(segments + Math.round(each.segmentsPerDay * days), fetchRate)
            + replayMillis(headerBytes + Math.round(each.headerBytesPerDay * days), replayRate));
  }

  public long millis() {
    return fetchMillis + replayMillis;
  }

  /// In as many more as there are more of what it follows, rounded up.
  private static long scaled(long amount, long now, long then) {
    return (long) Math.ceil((double) amount * now / Math.max(1, then));
  }

  /// How the log has grown; less than nothing if it was cleaned.
  public record Growth(double segmentsPerDay, double headerBytesPerDay, double recordsPerDay) {
    static Optional<Growth> between(DrillRecord one, DrillRecord next) {
      double days = (next.atMillis() - one.atMillis()) / DAY_MILLIS;
      if (days <= 0) {
        return Optional.empty();
      }
      DrillRecord.Work from = one.work();
      DrillRecord.Work to = next.work();
      return Optional.of(
          new Growth(
              (to.segments() - from.segments()) / days,
              (to.headerBytes() - from.headerBytes()) / days,
              (to.records() - from.records()) / days));
    }
  }

  /// What the listing does not tell.
  private record Amounts(long headerBytes, long records) {
    static Amounts of(LogSize today, Optional<DrillRecord> last) {
      long headers =
          last.map(r -> scaled(r.work().headerBytes(), today.segments(), r.work().segments()))
              .orElse(Math.min(today.bytes(), FIRST_READ_LENGTH * today.segments()));
      long records =
          last.map(r -> scaled(r.work().records(), today.segments(), r.work().segments()))
              .orElse(0L);
      return new Amounts(today.headerBytes().orElse(headers), today.records().orElse(records));
    }
  }
}
