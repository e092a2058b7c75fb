package org.holdfast.server;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.BucketAddress;
import org.holdfast.bucket.BucketBelow;
import org.holdfast.bucket.S3Fixture;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.SystemClock;
import org.holdfast.core.UnavailableException;
import org.holdfast.stores.Fault;
import org.holdfast.stores.FaultProxy;
import org.holdfast.stores.Hold;
import org.holdfast.stores.S3Access;
import org.holdfast.stores.Weather;

/// An S3 store that each of two servers reaches by its own gateway, if there are two, and through
/// its own proxy, in weather that is not good; a third way is direct.
///
/// A late put is a request that has left its client for good, and that the proxy keeps until it is
/// time.
final class S3Ground implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration ON_ITS_WAY = Duration.ofSeconds(1);
  private static final int ATTEMPTS_MAX = 10;
  private static final Weather WEATHER =
      Weather.CALM
          .with(Fault.LOST_ANSWER, 0.01)
          .with(Fault.RESET, 0.01)
          .with(Fault.INTERNAL_ERROR, 0.01);

  private final List<Line> lines = new ArrayList<>();
  private final Bucket direct;

  S3Ground(List<S3Access> gateways, String bucket) throws Exception {
    BucketAddress address = new BucketAddress.S3(bucket, "");
    for (int i = 0; i < 2; i++) {
      S3Access gateway = gateways.get(i % gateways.size());
      FaultProxy proxy = FaultProxy.start(gateway.endpoint(), WEATHER.withSeed(i));
      S3Access through = gateway.by(proxy.endpoint());
      lines.add(
          new Line(
              proxy,
              S3Fixture.buckets(through).open(address),
              S3Fixture.buckets(through, "s3-attempt-timeout", "100", "s3-retry-time", "0")
                  .open(address)));
    }
    direct = S3Fixture.buckets(gateways.getLast()).open(address);
  }

  /// A part of the bucket that no other run has.
  Ground below(String folder) {
    return server ->
        server < 2
            ? lines.get(server).way(folder)
            : new Ground.Way() {
              @Override
              public Bucket bucket() {
                return new BucketBelow(direct, folder);
              }

              @Override
              public Ground.Late late(String key, List<ByteBuffer> body) {
                throw new AssertionError("nothing of it is late");
              }
            };
  }

  @Override
  public void close() {
    for (Line line : lines) {
      line.steady.close();
      line.hasty.close();
      line.proxy.close();
    }
    direct.close();
  }

  /// @param hasty gives a request up soon, and does not try again
  private record Line(FaultProxy proxy, Bucket steady, Bucket hasty) {
    Ground.Way way(String folder) {
      Bucket below = new BucketBelow(steady, folder);
      return new Ground.Way() {
        @Override
        public Bucket bucket() {
          return below;
        }

        @Override
        public Ground.Late late(String key, List<ByteBuffer> body) throws HoldfastException {
          return sendLate(folder + key, body);
        }
      };
    }

    private Ground.Late sendLate(String key, List<ByteBuffer> body) throws HoldfastException {
      proxy.weather(Weather.CALM);
      // Others of the same key may be on their way already, and more may come.
      AtomicBoolean taken = new AtomicBoolean();
      Hold hold =
          proxy.holdRequests(request ->
              request.method().equals("PUT")
                  && request.path().endsWith(key)
                  && taken.compareAndSet(false, true));
      try {
        giveUpHeld(key, body, hold);
        return () -> land(hold);
      } catch (InterruptedException e) {
        throw new AssertionError("interrupted", e);
      } finally {
        proxy.weather(WEATHER);
      }
    }

    /// On a busy machine a request may be given up before it has left.
    private void giveUpHeld(String key, List<ByteBuffer> body, Hold hold)
        throws RefusedException, InterruptedException {
      for (int tried = 0; tried < ATTEMPTS_MAX; tried++) {
        giveUp(key, body);
        try {
          hold.await(1, ON_ITS_WAY);
          return;
        } catch (TimeoutException e) {
          // The next one.
        }
      }
      throw new AssertionError("no request has come to the proxy");
    }

    private void giveUp(String key, List<ByteBuffer> body) throws RefusedException {
      try {
        hasty.putIfAbsent(key, body);
      } catch (UnavailableException e) {
        return;
      }
      throw new AssertionError("a request that is held is not answered");
    }

    /// Nothing else is under way here but what is held.
    private void land(Hold hold) throws HoldfastException {
      int before = proxy.counts().underWay();
      hold.release();
      SystemClock clock = new SystemClock();
      long deadline = clock.nanos() + PATIENCE.toNanos();
      while (proxy.counts().underWay() >= before) {
        if (clock.nanos() > deadline) {
          throw new UnavailableException("a request that was let go does not end");
        }
        Thread.onSpinWait();
      }
    }
  }
}
