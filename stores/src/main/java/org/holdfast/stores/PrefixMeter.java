package org.holdfast.stores;

import java.util.HashMap;
import java.util.Map;
import org.holdfast.core.Clock;

/// Counts requests by prefix against a rate: a bucket of tokens for each. Any thread may call.
final class PrefixMeter {
  /// Beyond these, all begin anew: nothing here grows without a bound.
  private static final int MOST_PREFIXES = 100_000;

  private final Clock clock;
  private final Map<String, Tokens> tokens = new HashMap<>();

  PrefixMeter(Clock clock) {
    this.clock = clock;
  }

  /// Whether one more request may pass.
  synchronized boolean allows(String prefix, double perSecond) {
    if (tokens.size() >= MOST_PREFIXES) {
      tokens.clear();
    }
    double most = Math.max(1, perSecond);
    long now = clock.nanos();
    Tokens before = tokens.getOrDefault(prefix, new Tokens(most, now));
    double left = Math.min(most, before.left + (now - before.nanos) / 1e9 * perSecond);
    boolean allowed = left >= 1;
    tokens.put(prefix, new Tokens(allowed ? left - 1 : left, now));
    return allowed;
  }

  private record Tokens(double left, long nanos) {}
}
