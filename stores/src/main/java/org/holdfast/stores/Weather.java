package org.holdfast.stores;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.holdfast.core.Invariant;

/// What a [FaultProxy] does to requests, and how often.
///
/// The n-th request's fate depends on the seed and on n alone: requests that come one after the
/// other meet the same faults in every run.
///
/// @param shares of all requests, how many a fault befalls (0 to 1); together 1 at most
/// @param dripBytesPerSecond for [Fault#DRIP]
public record Weather(
    long seed,
    Latency latency,
    Bandwidth bandwidth,
    Map<Fault, Double> shares,
    long dripBytesPerSecond,
    Storm storm,
    PrefixLimit prefixLimit) {
  /// Nothing happens.
  public static final Weather CALM =
      new Weather(
          1,
          new Latency(0, 0),
          new Bandwidth(0, 0),
          Map.of(),
          10,
          new Storm(0, 0, 0),
          new PrefixLimit(0, 0));

  /// The 99th percentile of the standard normal distribution.
  private static final double P99 = 2.3263478740408408;

  public Weather {
    shares = Map.copyOf(shares);
    double sum = shares.values().stream().mapToDouble(Double::doubleValue).sum();
    Invariant.check(sum <= 1 + 1e-9, "faults' shares are 1 at most together");
    Invariant.check(
        shares.values().stream().allMatch(share -> share >= 0), "faults' shares are not negative");
    Invariant.check(
        shares.keySet().stream().allMatch(Fault::isDrawn), "storms and limits have no share");
    Invariant.check(dripBytesPerSecond > 0, "a drip drips");
  }

  public Weather withSeed(long newSeed) {
    return new Weather(newSeed, latency, bandwidth, shares, dripBytesPerSecond, storm, prefixLimit);
  }

  public Weather withLatency(double medianMillis, double p99Millis) {
    Latency added = new Latency(medianMillis, p99Millis);
    return new Weather(seed, added, bandwidth, shares, dripBytesPerSecond, storm, prefixLimit);
  }

  /// For all connections together, each way; 0: no limit.
  public Weather withBandwidth(long upBytesPerSecond, long downBytesPerSecond) {
    Bandwidth limit = new Bandwidth(upBytesPerSecond, downBytesPerSecond);
    return new Weather(seed, latency, limit, shares, dripBytesPerSecond, storm, prefixLimit);
  }

  /// Beside the shares of other faults, which stay.
  public Weather with(Fault fault, double share) {
    Map<Fault, Double> changed = new EnumMap<>(Fault.class);
    changed.putAll(shares);
    changed.put(fault, share);
    return new Weather(seed, latency, bandwidth, changed, dripBytesPerSecond, storm, prefixLimit);
  }

  public Weather withDrip(double share, long bytesPerSecond) {
    return new Weather(seed, latency, bandwidth, shares, bytesPerSecond, storm, prefixLimit)
        .with(Fault.DRIP, share);
  }

  public Weather withStorm(long afterMillis, long lastsMillis, long everyMillis) {
    Storm storms = new Storm(afterMillis, lastsMillis, everyMillis);
    return new Weather(seed, latency, bandwidth, shares, dripBytesPerSecond, storms, prefixLimit);
  }

  public Weather withPrefixLimit(int parts, double requestsPerSecond) {
    PrefixLimit limit = new PrefixLimit(parts, requestsPerSecond);
    return new Weather(seed, latency, bandwidth, shares, dripBytesPerSecond, storm, limit);
  }

  /// What the n-th request meets by chance.
  Fate fate(long number) {
    // Neighbours' generators must not resemble each other: the first draw mixes the seed.
    SplittableRandom random =
        new SplittableRandom(new SplittableRandom(seed + number * 0x9E3779B97F4A7C15L).nextLong());
    return new Fate(latency.millis(random.nextGaussian()), fault(random.nextDouble()));
  }

  private Optional<Fault> fault(double drawn) {
    double bound = 0;
    for (Fault fault : Fault.values()) {
      bound += shares.getOrDefault(fault, 0.0);
      if (drawn < bound) {
        return Optional.of(fault);
      }
    }
    return Optional.empty();
  }

  /// @param latencyMillis before the request is passed on
  record Fate(double latencyMillis, Optional<Fault> fault) {}

  /// The delay before a request is passed on or refused: log-normal. A median of 0: none.
  public record Latency(double medianMillis, double p99Millis) {
    public Latency {
      Invariant.check(medianMillis >= 0 && p99Millis >= medianMillis, "latency has its order");
    }

    double millis(double gaussian) {
      if (medianMillis == 0) {
        return 0;
      }
      return medianMillis * Math.exp(Math.log(p99Millis / medianMillis) / P99 * gaussian);
    }
  }

  /// For all connections together, each way; 0: no limit.
  public record Bandwidth(long upBytesPerSecond, long downBytesPerSecond) {
    public Bandwidth {
      Invariant.check(upBytesPerSecond >= 0 && downBytesPerSecond >= 0, "limits are positive");
    }
  }

  /// A time in which all requests are refused: so long after the proxy was given the weather, for
  /// so long, and again every so often (0: once).
  public record Storm(long afterMillis, long lastsMillis, long everyMillis) {
    public Storm {
      Invariant.check(
          afterMillis >= 0 && lastsMillis >= 0 && everyMillis >= 0, "storms are in the future");
    }

    boolean rages(double elapsedMillis) {
      double since = elapsedMillis - afterMillis;
      return since >= 0 && (everyMillis == 0 ? since : since % everyMillis) < lastsMillis;
    }
  }

  /// So many requests a second, and no more than a second's at once, for all keys with the same
  /// first parts, the bucket's name not counted; 0 parts: no limit. Requests without a key have
  /// none.
  public record PrefixLimit(int parts, double requestsPerSecond) {
    public PrefixLimit {
      Invariant.check(parts >= 0 && requestsPerSecond >= 0, "limits are positive");
    }
  }
}
