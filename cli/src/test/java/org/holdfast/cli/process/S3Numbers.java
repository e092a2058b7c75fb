package org.holdfast.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.BucketAddress;
import org.holdfast.bucket.Buckets;
import org.holdfast.bucket.S3Settings;
import org.holdfast.core.AccountId;
import org.holdfast.core.Bytes;
import org.holdfast.core.ServiceId;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.log.LogKey;
import org.holdfast.log.LogReader;
import org.holdfast.log.LogRecord;
import org.holdfast.log.LogWriter;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;
import org.holdfast.log.Source;
import org.holdfast.stores.S3Access;
import org.holdfast.stores.Weather;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Measures backup and restore through a server whose store is far away: 80 ms at the median and 1
/// s at the 99th percentile. Its name keeps it out of the tests; asked for by
///
/// `mvn -pl cli -am -Dtest=S3Numbers -Dsurefire.failIfNoSpecifiedTests=false test`
final class S3Numbers {
  private static final Weather FAR = Weather.CALM.withLatency(80, 1000);
  private static final int BACKUP_MB = Integer.getInteger("s3.backup.mb", 1_000);
  private static final int RESTORE_MB = Integer.getInteger("s3.restore.mb", 4_000);
  private static final int RESTORE_RATE_MB = Integer.getInteger("s3.restore.rate.mb", 50);
  private static final int RUNS = Integer.getInteger("s3.runs", 3);
  private static final int HEADERS = Integer.getInteger("s3.headers", 100_000);
  private static final int FILE_MB = 100;

  /// As the launcher starts it.
  private static final List<String> JAVA =
      List.of(
          "-XX:+UseSerialGC",
          "-Xshare:auto",
          "-XX:-UsePerfData",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  @TempDir Path home;
  private S3Service service;
  private Program client;
  private Program.Running server;

  @BeforeEach
  void start() throws Exception {
    Program plain = new Program(home).lasting(3_600);
    service = S3Service.start(plain.javaOptions(JAVA, "-Xmx1g"), home);
    client = plain.javaOptions(JAVA, "-Xmx128m");
    Files.writeString(
        home.resolve("server.conf"),
        "bucket = s3://holdfast\nstate = state\nsecrets = service.secrets\nlisten = 127.0.0.1:0\n");
    server = service.program().start("serve", "--config", "server.conf", "--port-file", "port");
    server.until(() -> Files.exists(home.resolve("port")));
    operate("account", "open", "acme");
  }

  @AfterEach
  void stop() throws Exception {
    server.process().destroyForcibly().waitFor();
    service.close();
  }

  @Test
  void backupFromFarAway() throws Exception {
    makeFiles(BACKUP_MB);
    double[] shares = new double[RUNS];
    backup("warm", Weather.CALM);
    for (int run = 0; run < RUNS; run++) {
      double near = backup("near" + run, Weather.CALM);
      double far = backup("far" + run, FAR);
      shares[run] = near / far;
      System.out.printf("BACKUP near %.1f s, far %.1f s: %.2f%n", near, far, shares[run]);
    }
    System.out.printf("BACKUP median %.2f of the rate without delay%n", median(shares));
    assertThat(median(shares)).isGreaterThan(0.7);
  }

  @Test
  void restoreFromFarAway() throws Exception {
    makeFiles(RESTORE_MB);
    backup("m", Weather.CALM);
    service.proxy().weather(FAR.withBandwidth(0, RESTORE_RATE_MB * 1_000_000L));
    double[] shares = new double[RUNS];
    Program restoring = client.javaOptions(JAVA, "-Xmx72m");
    for (int run = 0; run < RUNS; run++) {
      long start = System.nanoTime();
      restoring
          .run("restore", "latest:" + home + "/files", "--target", "back", "--keyfile", "m.key")
          .succeeds();
      double seconds = (System.nanoTime() - start) / 1e9;
      shares[run] = RESTORE_MB / seconds / RESTORE_RATE_MB;
      System.out.printf("RESTORE %.1f s: %.2f of the bandwidth%n", seconds, shares[run]);
      delete(home.resolve("back"));
    }
    System.out.printf("RESTORE median %.2f of the bandwidth%n", median(shares));
    assertThat(median(shares)).isGreaterThan(0.7);
  }

  /// The rate that the configured concurrency allows is so many requests in the time that one takes
  /// on average.
  @Test
  void headersFromFarAway() throws Exception {
    LogKey key = new LogKey(Bytes.wrap(new byte[LogKey.LENGTH]));
    ServiceId id = ServiceId.of(new byte[ServiceId.LENGTH]);
    List<SegmentId> segments = writeLog(key, id);
    double meanMillis = meanLatencyMillis();
    for (int concurrency : new int[] {16, 64, 128}) {
      try (Bucket bucket = bucket(concurrency)) {
        service.proxy().weather(FAR);
        LogReader reader = new LogReader(bucket, key, id, Spawner.virtual(), new SystemClock(), 0);
        int count = Math.min(HEADERS, HEADERS * concurrency / 64);
        long start = System.nanoTime();
        assertThat(reader.list(0)).hasSize(HEADERS);
        double listed = (System.nanoTime() - start) / 1e9;
        start = System.nanoTime();
        Source<Optional<SegmentHeader>> headers = reader.headers(segments.subList(0, count));
        for (int i = 0; i < count; i++) {
          assertThat(headers.next()).isPresent();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        double allowed = concurrency / (meanMillis / 1000);
        System.out.printf(
            "HEADERS %d at once: %d listed in %.1f s, %d read in %.1f s: %.0f/s, %.2f of %.0f/s%n",
            concurrency,
            HEADERS,
            listed,
            count,
            seconds,
            count / seconds,
            count / seconds / allowed,
            allowed);
      }
    }
  }

  private static double meanLatencyMillis() {
    // The mean of a log-normal distribution with this median and 99th percentile.
    double sigma = Math.log(1000 / 80.0) / 2.3263478740408408;
    return 80 * Math.exp(sigma * sigma / 2);
  }

  private List<SegmentId> writeLog(LogKey key, ServiceId id) throws Exception {
    List<SegmentId> segments = new ArrayList<>(HEADERS);
    Path folder = service.store().bucketFolder(S3Service.BUCKET).resolve("far");
    Deque<SegmentId> put = new ArrayDeque<>();
    LogWriter writer =
        new LogWriter(
            id,
            key,
            SegmentId.first(0, 1),
            1,
            new SystemClock(),
            (segment, body) -> {
              write(folder.resolve(segment.key()), body);
              put.add(segment);
            });
    LogRecord item = new LogRecord.AccountOpened(AccountId.of(new byte[AccountId.LENGTH]), "a");
    for (int i = 0; i < HEADERS; i++) {
      writer.append(item, ByteBuffer.allocate(0));
      writer.flush();
      segments.add(put.getFirst());
      writer.stored(put.removeFirst());
    }
    return segments;
  }

  private static void write(Path file, List<ByteBuffer> body) {
    try {
      Files.createDirectories(file.getParent());
      try (FileChannel out =
          FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        for (ByteBuffer part : body) {
          out.write(part.duplicate());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Bucket bucket(int concurrency) throws Exception {
    S3Access access = service.store().access().by(service.proxy().endpoint());
    Map<String, String> environment =
        Map.of(
            "AWS_ACCESS_KEY_ID", access.accessKey(),
            "AWS_SECRET_ACCESS_KEY", access.secretKey(),
            "AWS_REGION", access.region(),
            "AWS_ENDPOINT_URL", access.endpoint().toString());
    Map<String, String> settings =
        new HashMap<>(Map.of("s3-concurrency", Integer.toString(concurrency)));
    return new Buckets(
            new SystemClock(),
            new SecureRandom(),
            Spawner.virtual(),
            S3Settings.read(settings, "here", environment))
        .open(BucketAddress.parse("s3://holdfast/far"));
  }

  private double backup(String machine, Weather weather) throws Exception {
    service.proxy().weather(Weather.CALM);
    String port = Files.readString(home.resolve("port")).strip();
    String token = operate("invite", "acme").last();
    String key = machine + ".key";
    client
        .run(
            "init",
            "--service",
            "127.0.0.1:" + port,
            "--invite",
            token,
            "--machine",
            machine,
            "--keyfile",
            key)
        .succeeds();
    service.proxy().weather(weather);
    long start = System.nanoTime();
    client.run("backup", "--keyfile", key, "files").succeeds();
    return (System.nanoTime() - start) / 1e9;
  }

  private Program.Outcome operate(String... words) throws Exception {
    return service
        .program()
        .with("HOLDFAST_CONFIG", home.resolve("server.conf").toString())
        .run(words)
        .succeeds();
  }

  private void makeFiles(int megabytes) throws Exception {
    Path folder = Files.createDirectories(home.resolve("files"));
    SplittableRandom random = new SplittableRandom(megabytes);
    byte[] part = new byte[1_000_000];
    for (int done = 0; done < megabytes; done += FILE_MB) {
      try (OutputStream out =
          new BufferedOutputStream(Files.newOutputStream(folder.resolve("file" + done)))) {
        for (int i = 0; i < Math.min(FILE_MB, megabytes - done); i++) {
          random.nextBytes(part);
          out.write(part);
        }
      }
    }
  }

  private static void delete(Path folder) throws Exception {
    try (var paths = Files.walk(folder)) {
      for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    java.util.Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
