package org.holdfast.server.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.holdfast.server.TestClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DefectReportTest {
  @TempDir Path path;

  private final TestClock clock = new TestClock();

  @Test
  void reportsAreFewAndShortAndTheNewestStay() throws Exception {
    DefectReport report = new DefectReport(clock);
    try (StateFolder folder = StateFolder.open(path)) {
      report.keepIn(folder);
      for (int i = 0; i < 20; i++) {
        clock.sleepMillis(1000);
        report.write(new IllegalStateException("defect " + i), "x".repeat(100_000));
      }
    }
    List<Path> kept;
    try (Stream<Path> files = Files.list(path.resolve("defects"))) {
      kept = files.sorted().toList();
    }
    assertThat(kept).hasSize(8);
    for (Path each : kept) {
      assertThat(Files.size(each)).isLessThanOrEqualTo(64 << 10);
    }
    assertThat(report.last()).contains(kept.getLast().toString());
  }

  @Test
  void nothingIsWrittenIntoAFolderThatIsSomebodyElses() throws Exception {
    DefectReport report = new DefectReport(clock);
    try (StateFolder folder = StateFolder.open(path)) {
      report.keepIn(folder);
    }
    report.close();
    report.write(new IllegalStateException("late"), "");
    assertThat(path.resolve("defects")).doesNotExist();
    assertThat(report.last()).isEmpty();
  }
}
