package org.holdfast.bench.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The operator's own commands on a log of half a million records: what they say before, during and
/// after. How long it takes is nobody's business here; `bench/rebuild` measures that.
@Timeout(900)
final class RecoveryAtScaleTest {
  private static final Shape SHAPE = new Shape(500_000, 20, 1, 64 << 10, 1000, 20, 0, 3);

  @TempDir private Path folder;

  @Test
  void aLongLogIsEstimatedRebuiltWithItsRateAndTimeLeftAndProven() throws Exception {
    HistoryFolder service = new HistoryFolder(folder.resolve("service"));
    HistoryLog.Made made = service.make(SHAPE, _ -> {});
    String config = service.config().toString();

    List<String> estimated = holdfast("estimate", "--json", "--config", config);
    String estimate = estimated.getLast();
    // Each epoch begins with a seal of the one before.
    assertThat(number(estimate, "segments")).isEqualTo(made.segments() + SHAPE.epochs());
    assertThat(number(estimate, "total_millis")).isPositive();
    assertThat(number(estimate, "gets")).isGreaterThanOrEqualTo(made.segments());
    assertThat(number(estimate, "lists")).isPositive();
    assertThat(number(estimate, "read_bytes")).isGreaterThanOrEqualTo(made.headerBytes());
    assertThat(estimate).contains("\"drilled\":false");

    List<String> lines = holdfast("rebuild", "--json", "--config", config);
    List<String> progress =
        lines.stream().filter(line -> line.contains("\"message_type\":\"status\"")).toList();
    List<String> under =
        progress.stream()
            .filter(
                line -> number(line, "done") > 1 && number(line, "done") < number(line, "total"))
            .toList();
    assertThat(under).as("lines while it is under way").isNotEmpty();
    assertThat(under)
        .allSatisfy(line -> {
          assertThat(number(line, "done_per_second")).isNotNegative();
          assertThat(number(line, "seconds_left")).isNotNegative();
          assertThat(line).containsPattern("\"bound_by\":\"(bucket|disk|processor)\"");
        });
    assertThat(under).anySatisfy(line -> assertThat(number(line, "done_per_second")).isPositive());

    String summary = lines.getLast();
    assertThat(number(summary, "records")).isEqualTo(SHAPE.records());
    assertThat(number(summary, "segments")).isEqualTo(made.segments());
    assertThat(summary).contains("\"digest\":\"" + made.digest() + "\"");
    assertThat(number(summary, "records_per_second")).isPositive();
    assertThat(Files.readAllLines(folder.resolve("service/state/timeline")).getLast())
        .matches(
            ".* rebuild: ended, 500000 records of "
                + made.segments()
                + " segments in [0-9.]+ s, \\d+ a second; old index: nothing to compare, replaced");

    List<String> again = holdfast("rebuild", "--compare", "--config", config);
    assertThat(again.getLast()).endsWith("; the old index says the same");
  }

  /// The log has its next owner only after that, so nobody is promised anything meanwhile.
  @Test
  void aStartThatIsStoppedWhileItMakesItsIndexEndsAtOnceAndTheNextOneServes() throws Exception {
    HistoryFolder service = new HistoryFolder(folder.resolve("service"));
    service.make(SHAPE, _ -> {});

    String first = serveUntil("clients are answered", service.config());
    assertThat(first).contains("stopped before the log was taken over").doesNotContain("ready: ");
    String second = serveUntil("ready: ", service.config());
    assertThat(second).endsWith("stopped\n");
    // Of its owners it has had none but this one.
    assertThat(Files.readAllLines(folder.resolve("service/state/timeline")))
        .anyMatch(line -> line.endsWith(" at record 500002 of epoch " + (SHAPE.epochs() + 2)));
  }

  /// What a server says that is told to stop when it has said this.
  private String serveUntil(String said, Path config) throws Exception {
    Path err = folder.resolve("err");
    Process server = start("serve", "--config", config.toString());
    try {
      while (!Files.readString(err).contains(said)) {
        assertThat(server.isAlive()).as(Files.readString(err)).isTrue();
        LockSupport.parkNanos(10_000_000);
      }
      server.destroy();
      assertThat(server.waitFor()).isZero();
    } finally {
      server.destroyForcibly();
    }
    return Files.readString(err);
  }

  private static long number(String line, String field) {
    Matcher matcher = Pattern.compile("\"" + field + "\":(\\d+)").matcher(line);
    assertThat(matcher.find()).as(field + " in " + line).isTrue();
    return Long.parseLong(matcher.group(1));
  }

  /// What the program prints, as a process of its own, which succeeds.
  private List<String> holdfast(String... words) throws IOException, InterruptedException {
    int status = start(words).waitFor();
    assertThat(status).as(Files.readString(folder.resolve("err"))).isZero();
    return Files.readAllLines(folder.resolve("out"));
  }

  private Process start(String... words) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx1g",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                "org.holdfast.cli.Main"));
    command.addAll(List.of(words));
    return new ProcessBuilder(command)
        .redirectOutput(folder.resolve("out").toFile())
        .redirectError(folder.resolve("err").toFile())
        .start();
  }
}
