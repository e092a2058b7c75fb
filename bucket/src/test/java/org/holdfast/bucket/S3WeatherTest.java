package org.holdfast.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.holdfast.bucket.BucketContract.body;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.holdfast.core.UnavailableException;
import org.holdfast.stores.Counts;
import org.holdfast.stores.Fault;
import org.holdfast.stores.FaultProxy;
import org.holdfast.stores.S3ProxyServer;
import org.holdfast.stores.Weather;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A store behind bad weather: what is asked of it succeeds all the same, for few more requests.
final class S3WeatherTest {
  @TempDir private static Path folder;
  private static S3ProxyServer server;

  private FaultProxy proxy;

  @BeforeAll
  static void start() throws Exception {
    server = S3ProxyServer.start(folder);
    server.makeBucket("holdfast");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void open() throws Exception {
    proxy = FaultProxy.start(server.endpoint(), Weather.CALM);
  }

  @AfterEach
  void close() {
    proxy.close();
  }

  @Test
  void everythingSucceedsThoughOneInTenFailsAndOneInAHundredIsLost() throws Exception {
    proxy.weather(
        Weather.CALM
            .withSeed(7)
            .with(Fault.RESET, 0.02)
            .with(Fault.CUT, 0.02)
            .with(Fault.INTERNAL_ERROR, 0.03)
            .with(Fault.SLOW_DOWN, 0.03)
            .with(Fault.LOST_ANSWER, 0.01));
    int objects = 500;
    try (Bucket bucket = bucket();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> done = new ArrayList<>();
      for (int i = 0; i < objects; i++) {
        int number = i;
        done.add(
            threads.submit(() -> {
              byte[] content = content(number);
              bucket.putIfAbsent("k/" + number, body(content));
              assertThat(bucket.getWhole("k/" + number, content.length)).contains(content);
              return number;
            }));
      }
      for (Future<?> each : done) {
        each.get();
      }
    }
    Counts counts = proxy.counts();
    assertThat(counts.faultsInAll()).as("the weather was bad").isGreaterThan(objects / 10);
    assertThat(counts.requests()).isLessThanOrEqualTo((long) (1.3 * 2 * objects));
  }

  @Test
  void aStormIsSatOut() throws Exception {
    try (Bucket bucket = bucket()) {
      proxy.weather(Weather.CALM.withStorm(0, 2_000, 0));
      assertThat(bucket.putIfAbsent("k", body("x"))).isEqualTo(PutResult.CREATED);
      assertThat(proxy.counts().fault(Fault.STORM)).isBetween(2L, 40L);
    }
  }

  @Test
  void aBodyThatDripsIsGivenUpAndAskedForAgain() throws Exception {
    try (Bucket bucket = bucket("s3-attempt-timeout", "500", "s3-least-rate", "1000000")) {
      byte[] content = content(1);
      bucket.putIfAbsent("k", body(content));
      proxy.weather(Weather.CALM.withSeed(3).withDrip(0.5, 1_000));
      for (int i = 0; i < 5; i++) {
        assertThat(bucket.getWhole("k", content.length)).contains(content);
      }
      assertThat(proxy.counts().fault(Fault.DRIP)).isPositive();
    }
  }

  @Test
  void aLongBodyThatDripsIsGivenUpAsSoonAsAShortOne() throws Exception {
    BucketAddress address = S3Fixture.fresh("holdfast");
    String[] hasty = {
      "s3-attempt-timeout", "2000", "s3-least-rate", "1000000", "s3-retry-time", "0"
    };
    try (Bucket patient = buckets().open(address);
        Bucket bucket = buckets(hasty).open(address)) {
      patient.putIfAbsent("k", body(new byte[20_000_000]));
      proxy.weather(Weather.CALM.withDrip(1, 1_000));
      long begun = System.nanoTime();
      assertThatThrownBy(() -> bucket.getWhole("k", 20_000_000))
          .isInstanceOf(UnavailableException.class);
      assertThat(System.nanoTime() - begun).isLessThan(18_000_000_000L);
    }
  }

  @Test
  void anAnswerThatWasLostShowsAsAnObjectThatExistsWithTheContent() throws Exception {
    try (Bucket bucket = bucket()) {
      proxy.weather(Weather.CALM.with(Fault.LOST_ANSWER, 1));
      Thread calm =
          Thread.startVirtualThread(() -> {
            while (proxy.counts().fault(Fault.LOST_ANSWER) == 0) {
              Thread.onSpinWait();
            }
            proxy.weather(Weather.CALM);
          });
      assertThat(bucket.putIfAbsent("k", body("mine"))).isEqualTo(PutResult.EXISTS);
      assertThat(bucket.getWhole("k", 4)).contains("mine".getBytes());
      calm.join();
    }
  }

  @Test
  void theMostRequestsAtOnceAreAsManyAsTheSettingSays() throws Exception {
    proxy.weather(Weather.CALM.withLatency(30, 60));
    try (Bucket bucket = bucket("s3-concurrency", "8");
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> done = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        int number = i;
        done.add(threads.submit(() -> bucket.putIfAbsent("k/" + number, body("x"))));
      }
      for (Future<?> each : done) {
        each.get();
      }
    }
    assertThat(proxy.counts().mostAtOnce()).isBetween(6, 8);
  }

  @Test
  void whatNeverSucceedsIsToldAsUnavailable() throws Exception {
    proxy.weather(Weather.CALM.with(Fault.INTERNAL_ERROR, 1));
    try (Bucket bucket = bucket("s3-retry-time", "300")) {
      assertThatThrownBy(() -> bucket.list("", "", 1))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("500");
    }
  }

  private Bucket bucket(String... settings) throws Exception {
    return buckets(settings).open(S3Fixture.fresh("holdfast"));
  }

  private Buckets buckets(String... settings) throws Exception {
    return S3Fixture.buckets(server.access().by(proxy.endpoint()), settings);
  }

  private static byte[] content(int seed) {
    byte[] content = new byte[20_000];
    new Random(seed).nextBytes(content);
    ByteBuffer.wrap(content).putInt(seed);
    return content;
  }
}
