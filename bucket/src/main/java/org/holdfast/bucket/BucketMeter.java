package org.holdfast.bucket;

import java.util.EnumMap;
import java.util.Map;
import org.holdfast.bucket.Layer.Kind;
import org.holdfast.core.Clock;
import org.holdfast.core.UnavailableException.Trouble;

/// What was asked of a store, how it went, and what that costs.
///
/// Safe for use by many threads.
public final class BucketMeter {
  /// What counts as of late.
  private static final long RECENT_NANOS = 300L * 1_000_000_000;

  private static final double MONTH_SECONDS = 30 * 86_400;

  private final Clock clock;
  private final S3Settings.Prices prices;
  private final long begunNanos;
  private final Map<Kind, Long> requests = new EnumMap<>(Kind.class);
  private final Map<Trouble, Trend> troubles = new EnumMap<>(Trouble.class);
  private final Trend all = new Trend();
  private long bytesIn;
  private long bytesOut;
  private long retries;
  private long givenUp;
  private long hedges;

  BucketMeter(Clock clock, S3Settings.Prices prices) {
    this.clock = clock;
    this.prices = prices;
    this.begunNanos = clock.nanos();
  }

  /// What was asked so far, and how it went.
  ///
  /// @param seconds since the first of it
  /// @param bytesIn read from the store
  /// @param bytesOut put into it
  /// @param retries attempts after a first one
  /// @param givenUp calls that failed for all their attempts
  /// @param hedges second requests for what was slow
  /// @param unusual kinds of trouble of which there is far more than there used to be
  /// @param requestsMonth what a month of requests at this pace costs, in the price table's
  ///   currency
  public record Report(
      long seconds,
      long gets,
      long puts,
      long deletes,
      long lists,
      long bytesIn,
      long bytesOut,
      long retries,
      long givenUp,
      long hedges,
      Map<Trouble, Long> troubles,
      Map<Trouble, Double> unusual,
      double requestsMonth) {}

  public synchronized Report report() {
    long now = clock.nanos();
    Map<Trouble, Long> counts = new EnumMap<>(Trouble.class);
    Map<Trouble, Double> unusual = new EnumMap<>(Trouble.class);
    troubles.forEach((trouble, trend) -> {
      counts.put(trouble, trend.total);
      double share = trend.share(all, now);
      if (trend.recent(now) >= 5 && share > 3 * trend.shareBefore(all, now) + 0.001) {
        unusual.put(trouble, share);
      }
    });
    double seconds = Math.max(1, (now - begunNanos) / 1e9);
    double cost = prices.requests(count(Kind.PUT) + count(Kind.LIST), count(Kind.GET));
    return new Report(
        (now - begunNanos) / 1_000_000_000,
        count(Kind.GET),
        count(Kind.PUT),
        count(Kind.DELETE),
        count(Kind.LIST),
        bytesIn,
        bytesOut,
        retries,
        givenUp,
        hedges,
        counts,
        unusual,
        cost * MONTH_SECONDS / seconds);
  }

  /// What keeping so many bytes for a month costs, in the price table's currency.
  public double storageMonth(long bytes) {
    return bytes / 1e9 * prices.gigabyteMonth();
  }

  synchronized void succeeded(Layer.Request request, long bytes) {
    asked(request.kind());
    if (request.kind() == Kind.PUT) {
      bytesOut += bytes;
    } else {
      bytesIn += bytes;
    }
  }

  synchronized void failed(Layer.Request request, Trouble trouble) {
    asked(request.kind());
    troubles.computeIfAbsent(trouble, _ -> new Trend()).add(clock.nanos());
  }

  synchronized void retried() {
    retries++;
  }

  synchronized void gaveUp() {
    givenUp++;
  }

  synchronized void hedged() {
    hedges++;
  }

  private void asked(Kind kind) {
    requests.merge(kind, 1L, Long::sum);
    all.add(clock.nanos());
  }

  private long count(Kind kind) {
    return requests.getOrDefault(kind, 0L);
  }

  /// How often something happened, of late and before.
  private static final class Trend {
    private long total;
    private long before;
    private long current;
    private long previous;
    private long turnedNanos;
    private boolean turned;

    void add(long now) {
      turn(now);
      total++;
      current++;
    }

    /// In the last five to ten minutes.
    long recent(long now) {
      turn(now);
      return current + previous;
    }

    double share(Trend of, long now) {
      return (double) recent(now) / Math.max(1, of.recent(now));
    }

    double shareBefore(Trend of, long now) {
      turn(now);
      of.turn(now);
      return (double) before / Math.max(1, of.before);
    }

    private void turn(long now) {
      if (!turned) {
        turnedNanos = now;
        turned = true;
      }
      while (now - turnedNanos >= RECENT_NANOS) {
        before += previous;
        previous = current;
        current = 0;
        turnedNanos += RECENT_NANOS;
      }
    }
  }
}
