package org.holdfast.stores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the weather does, over a real store.
final class FaultProxyTest {
  private static final byte[] BODY = bytes(100_000);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private static Path folder;
  private static S3ProxyServer server;
  private static PlainS3 direct;
  private FaultProxy proxy;
  private PlainS3 s3;

  @BeforeAll
  static void startStore() throws Exception {
    server = S3ProxyServer.start(folder);
    server.makeBucket("bucket");
    direct = new PlainS3(server.access());
    direct.put("/bucket/there", BODY);
  }

  @AfterAll
  static void stopStore() {
    server.close();
  }

  @BeforeEach
  void startProxy() throws Exception {
    proxy = FaultProxy.start(server.endpoint(), Weather.CALM);
    s3 = new PlainS3(server.access().by(proxy.endpoint()));
  }

  @AfterEach
  void stopProxy() {
    proxy.close();
  }

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new Random(1).nextBytes(bytes);
    return bytes;
  }

  private static Path stored(String key) {
    return server.bucketFolder("bucket").resolve(key);
  }

  @Test
  void calmPassesEverythingAndCountsIt() throws Exception {
    byte[] large = bytes(5_000_000);
    assertThat(s3.putIfAbsent("/bucket/calm/large", large).status()).isEqualTo(200);
    assertThat(s3.putIfAbsent("/bucket/calm/large", large).status()).isEqualTo(412);
    PlainS3.Answer range =
        s3.send("GET", "/bucket/calm/large", Map.of("range", "bytes=10-19"), new byte[0]);
    assertThat(range.status()).isEqualTo(206);
    assertThat(range.body()).isEqualTo(Arrays.copyOfRange(large, 10, 20));
    PlainS3.Answer head = s3.send("HEAD", "/bucket/calm/large", Map.of(), new byte[0]);
    assertThat(head.headers()).containsEntry("content-length", "5000000");
    assertThat(s3.get("/bucket?list-type=2&prefix=calm%2F").text()).contains("calm/large");
    assertThat(s3.send("DELETE", "/bucket/calm/large", Map.of(), new byte[0]).status())
        .isEqualTo(204);
    assertThat(s3.get("/bucket/calm/large").status()).isEqualTo(404);

    Counts counts = proxy.counts();
    assertThat(counts.requests()).isEqualTo(7);
    assertThat(counts.passedOn()).isEqualTo(7);
    assertThat(counts.byMethod()).isEqualTo(Map.of("PUT", 2L, "GET", 3L, "HEAD", 1L, "DELETE", 1L));
    assertThat(counts.faults()).isEmpty();
    assertThat(counts.mostAtOnce()).isEqualTo(1);
    assertThat(counts.upBytes()).isBetween(10_000_000L, 10_010_000L);
    assertThat(counts.downBytes()).isBetween(1_000L, 10_000L);
  }

  @Test
  void aStoreThatSaysContinueAnswersAfterwards() throws Exception {
    Map<String, String> expect = Map.of("expect", "100-continue");
    assertThat(s3.send("PUT", "/bucket/expect", expect, BODY).status()).isEqualTo(200);
    assertThat(stored("expect")).hasBinaryContent(BODY);
    assertThat(proxy.counts().mostAtOnce()).isEqualTo(1);
  }

  @Test
  void aResetKeepsTheRequestFromTheStore() {
    proxy.weather(Weather.CALM.with(Fault.RESET, 1));
    assertThatThrownBy(() -> s3.put("/bucket/reset", BODY))
        .isInstanceOf(SocketException.class)
        .hasMessageMatching("Connection reset( by peer)?|Broken pipe");
    assertThat(stored("reset")).doesNotExist();
    assertThat(proxy.counts().faults()).isEqualTo(Map.of(Fault.RESET, 1L));
    assertThat(proxy.counts().passedOn()).isZero();
  }

  @Test
  void aLostAnswersRequestTookEffect() {
    proxy.weather(Weather.CALM.with(Fault.LOST_ANSWER, 1));
    assertThatThrownBy(() -> s3.put("/bucket/lost", BODY))
        .isInstanceOf(SocketException.class)
        .hasMessage("Connection reset");
    assertThat(stored("lost")).hasBinaryContent(BODY);
    assertThat(proxy.counts().faults()).isEqualTo(Map.of(Fault.LOST_ANSWER, 1L));
    assertThat(proxy.counts().passedOn()).isEqualTo(1);
  }

  @Test
  void aCutAnswerEndsInItsMiddle() {
    proxy.weather(Weather.CALM.with(Fault.CUT, 1));
    assertThatThrownBy(() -> s3.get("/bucket/there"))
        .isInstanceOf(EOFException.class)
        .hasMessage("only 50000 bytes of 100000");
    assertThatThrownBy(() -> s3.put("/bucket/cut", BODY))
        .isInstanceOf(EOFException.class)
        .hasMessage("the stream ends in a head");
    assertThat(stored("cut")).hasBinaryContent(BODY);
    assertThat(proxy.counts().fault(Fault.CUT)).isEqualTo(2);
  }

  @Test
  void errorsAreThoseOfS3() throws Exception {
    proxy.weather(Weather.CALM.with(Fault.SLOW_DOWN, 1));
    PlainS3.Answer slow = s3.put("/bucket/error", BODY);
    assertThat(slow.status()).isEqualTo(503);
    assertThat(slow.text()).contains("<Code>SlowDown</Code>");
    proxy.weather(Weather.CALM.with(Fault.INTERNAL_ERROR, 1));
    PlainS3.Answer error = s3.get("/bucket/there");
    assertThat(error.status()).isEqualTo(500);
    assertThat(error.text()).contains("<Code>InternalError</Code>");
    assertThat(s3.send("HEAD", "/bucket/there", Map.of(), new byte[0]).body()).isEmpty();
    assertThat(stored("error")).doesNotExist();
    assertThat(proxy.counts().passedOn()).isZero();
    assertThat(proxy.counts().faultsInAll()).isEqualTo(3);
  }

  @Test
  void faultsAreTheSameInEveryRun() throws Exception {
    List<Integer> first = answers(Weather.CALM.with(Fault.SLOW_DOWN, 0.5).withSeed(7));
    proxy.close();
    startProxy();
    assertThat(answers(Weather.CALM.with(Fault.SLOW_DOWN, 0.5).withSeed(7))).isEqualTo(first);
    assertThat(first).contains(200, 503);
  }

  private List<Integer> answers(Weather weather) throws IOException {
    proxy.weather(weather);
    List<Integer> answers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      answers.add(s3.get("/bucket/there").status());
    }
    return answers;
  }

  @Test
  void latencyComesBeforeTheStore() throws Exception {
    proxy.weather(Weather.CALM.withLatency(300, 300));
    assertThat(millis(() -> s3.get("/bucket/there"))).isGreaterThanOrEqualTo(300);
  }

  @Test
  void theBandwidthIsSharedByAll() throws Exception {
    proxy.weather(Weather.CALM.withBandwidth(0, 400_000));
    List<Runnable> gets = List.of(this::getThere, this::getThere);
    // 200,000 bytes and heads, less what the pacer lets catch up on.
    assertThat(millis(() -> atOnce(gets))).isBetween(470.0, 5_000.0);
    proxy.weather(Weather.CALM.withBandwidth(200_000, 0));
    assertThat(millis(() -> s3.put("/bucket/wide", BODY))).isBetween(470.0, 5_000.0);
    proxy.weather(Weather.CALM);
    assertThat(millis(() -> s3.put("/bucket/wide", BODY))).isLessThan(470);
  }

  private void getThere() {
    try {
      assertThat(s3.get("/bucket/there").body()).isEqualTo(BODY);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aDripTakesItsTime() throws Exception {
    direct.put("/bucket/drop", new byte[20]);
    proxy.weather(Weather.CALM.withDrip(1, 1_000));
    double millis = millis(() -> assertThat(s3.get("/bucket/drop").body()).hasSize(20));
    // A byte a millisecond, less what the pacer lets catch up on.
    assertThat(millis).isGreaterThan(proxy.counts().downBytes() - 30);
    assertThat(proxy.counts().downBytes()).isGreaterThan(150);
    assertThat(proxy.counts().fault(Fault.DRIP)).isEqualTo(1);
  }

  @Test
  void aStormRefusesAllAndPasses() throws Exception {
    proxy.weather(Weather.CALM.withStorm(0, 1_000, 0));
    assertThat(s3.get("/bucket/there").status()).isEqualTo(503);
    int refused = 1;
    while (s3.get("/bucket/there").status() == 503) {
      refused++;
    }
    assertThat(proxy.counts().faults()).isEqualTo(Map.of(Fault.STORM, (long) refused));
    assertThat(proxy.counts().passedOn()).isEqualTo(1);
  }

  @Test
  void aPrefixHasItsOwnLimit() throws Exception {
    proxy.weather(Weather.CALM.withPrefixLimit(1, 2));
    List<Integer> answers = new ArrayList<>();
    for (String key : List.of("a/1", "a/2", "a/3", "b/1", "?list-type=2")) {
      answers.add(s3.get("/bucket/" + key).status());
    }
    assertThat(answers).containsExactly(404, 404, 503, 404, 200);
    assertThat(proxy.counts().faults()).isEqualTo(Map.of(Fault.PREFIX_LIMIT, 1L));
  }

  @Test
  void aHeldRequestComesLateEvenWithoutItsClient() throws Exception {
    // More than the system keeps for a connection.
    byte[] late = bytes(12_000_000);
    try (Hold hold =
            proxy.holdRequests(r -> r.method().equals("PUT") && r.path().endsWith("/late"));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<PlainS3.Answer> held = threads.submit(() -> s3.putIfAbsent("/bucket/late", late));
      assertThat(hold.await(1, PATIENCE)).extracting(Request::path).containsExactly("/bucket/late");
      // Its client gives up.
      held.cancel(true);
      assertThat(s3.put("/bucket/other", BODY).status()).isEqualTo(200);
      assertThat(stored("late")).doesNotExist();
    }
    while (direct.get("/bucket/late").status() == 404) {
      Thread.onSpinWait();
    }
    assertThat(stored("late")).hasBinaryContent(late);
  }

  @Test
  void aHeldAnswersRequestTookEffect() throws Exception {
    try (Hold hold = proxy.holdAnswers(r -> r.method().equals("PUT"));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<PlainS3.Answer> held = threads.submit(() -> s3.put("/bucket/answer", BODY));
      hold.await(1, PATIENCE);
      assertThat(stored("answer")).hasBinaryContent(BODY);
      assertThat(held).isNotDone();
      hold.release();
      assertThat(held.get().status()).isEqualTo(200);
    }
  }

  @Test
  void mostAtOnceIsWhatWasUnderWay() throws Exception {
    try (Hold hold = proxy.holdRequests(r -> true);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 5; i++) {
        threads.submit(() -> s3.get("/bucket/there"));
      }
      hold.await(5, PATIENCE);
      hold.release();
    }
    assertThat(proxy.counts().mostAtOnce()).isEqualTo(5);
    proxy.resetCounts();
    for (int i = 0; i < 50; i++) {
      s3.get("/bucket/there");
      assertThat(proxy.counts().underWay()).isZero();
    }
    assertThat(proxy.counts().mostAtOnce()).isEqualTo(1);
    assertThat(proxy.counts().requests()).isEqualTo(50);
  }

  private static double millis(Call call) throws Exception {
    long start = System.nanoTime();
    call.run();
    return (System.nanoTime() - start) / 1e6;
  }

  private static void atOnce(List<Runnable> tasks) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> ends = new ArrayList<>();
      tasks.forEach(task -> ends.add(threads.submit(task)));
      for (Future<?> end : ends) {
        end.get();
      }
    }
  }

  private interface Call {
    void run() throws Exception;
  }
}
