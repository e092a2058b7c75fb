package org.holdfast.bucket;

import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.holdfast.core.Clock;
import org.holdfast.core.CorruptException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.jspecify.annotations.Nullable;

/// Asks a second time for what a get is slow to bring; the first answer counts (J. Dean and L. A.
/// Barroso, "The Tail at Scale", CACM 56(2), 2013).
///
/// Slow is what 95 of 100 gets of about the same size are not. At most one in twenty gets is asked
/// twice, whatever the store does, as far as [Hedging] is the usual one.
final class HedgedBucket extends Layer {
  private static final int SMALL = 64 << 10;
  private static final int MIDDLE = 1 << 20;
  private static final double MOST_SAVED = 10;

  private final BucketMeter meter;
  private final Clock clock;
  private final Spawner spawner;
  private final double share;
  private final Latencies[] latencies = new Latencies[3];
  private double allowed;

  HedgedBucket(Bucket inner, BucketMeter meter, Clock clock, Spawner spawner, Hedging hedging) {
    super(inner);
    this.meter = meter;
    this.clock = clock;
    this.spawner = spawner;
    this.share = hedging.share();
    Arrays.setAll(latencies, _ -> new Latencies(hedging.known()));
  }

  @Override
  <T> T around(Request request, Call<T> call)
      throws CorruptException, RefusedException, UnavailableException {
    if (request.kind() != Kind.GET) {
      return call.run();
    }
    Latencies known = latencies[request.bytes() <= SMALL ? 0 : request.bytes() <= MIDDLE ? 1 : 2];
    earn();
    long slow = known.slowNanos();
    if (slow == Long.MAX_VALUE) {
      return timed(call, known);
    }
    Race<T> race = new Race<>();
    spawner.spawn("get", () -> race.run(() -> timed(call, known)));
    spawner.spawn("hedge", () -> hedge(slow, race, call));
    return race.result();
  }

  private <T> void hedge(long slowNanos, Race<T> race, Call<T> call) {
    try {
      clock.sleepMillis(slowNanos / 1_000_000 + 1);
    } catch (InterruptedException _) {
      return; // The first attempt goes on alone.
    }
    if (!race.join()) {
      return;
    }
    if (!spend()) {
      race.leave();
      return;
    }
    meter.hedged();
    race.run(call);
  }

  private <T> T timed(Call<T> call, Latencies known)
      throws CorruptException, RefusedException, UnavailableException {
    long begun = clock.nanos();
    T result = call.run();
    known.add(clock.nanos() - begun);
    return result;
  }

  private synchronized void earn() {
    allowed = Math.min(MOST_SAVED, allowed + share);
  }

  private synchronized boolean spend() {
    if (allowed < 1) {
      return false;
    }
    allowed--;
    return true;
  }

  /// One or two attempts: the first success counts, or the failure of the last of them.
  private static final class Race<T> {
    private final CompletableFuture<T> answer = new CompletableFuture<>();
    private int running = 1;
    private @Nullable Throwable failure;

    /// One more attempt; false if the race is over.
    synchronized boolean join() {
      if (answer.isDone()) {
        return false;
      }
      running++;
      return true;
    }

    /// One attempt fewer.
    synchronized void leave() {
      running--;
      if (running == 0 && failure != null) {
        answer.completeExceptionally(failure);
      }
    }

    void run(Call<T> attempt) {
      try {
        answer.complete(attempt.run());
      } catch (Throwable e) { // Whatever it is, somebody waits for it.
        synchronized (this) {
          failure = e;
        }
      }
      leave();
    }

    T result() throws CorruptException, RefusedException, UnavailableException {
      try {
        return answer.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new UnavailableException("interrupted while it waited for the bucket", e);
      } catch (ExecutionException e) {
        switch (e.getCause()) {
          case CorruptException corrupt -> throw corrupt;
          case RefusedException refused -> throw refused;
          case UnavailableException unavailable -> throw unavailable;
          case Error error -> throw error;
          case null, default -> throw new IllegalStateException(e.getCause());
        }
      }
    }
  }
}
