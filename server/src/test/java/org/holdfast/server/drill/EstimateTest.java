package org.holdfast.server.drill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.OptionalLong;
import org.holdfast.bucket.S3Settings;
import org.holdfast.server.drill.DrillRecord.Result;
import org.holdfast.server.drill.DrillRecord.Work;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EstimateTest {
  private static final long DAY_MILLIS = 24L * 3600 * 1000;
  private static final S3Settings.Prices PRICES = new S3Settings.Prices(0.005, 0.0004, 0.023);

  @TempDir Path folder;

  private static DrillRecord drill(long day, Result result, boolean isGentle, Work work) {
    return new DrillRecord(day * DAY_MILLIS, result, isGentle, work, "");
  }

  /// A thousand segments with 50 kB of headers each: 10 s to read, 20 s to make an index.
  private static Work work(long thousands) {
    return new Work(
        thousands * 1000,
        thousands * 50_000_000,
        thousands * 600_000,
        thousands * 1100,
        2,
        thousands * 60_000_000,
        thousands * 10_000,
        thousands * 20_000);
  }

  private static LogSize size(long segments) {
    return new LogSize(segments, segments * 16_000_000, OptionalLong.empty(), OptionalLong.empty());
  }

  @Test
  void whatThereIsTodayCountsAndNotWhatTheLastDrillFound() {
    List<DrillRecord> drills = List.of(drill(100, Result.EQUAL, false, work(1)));
    Estimate estimate = Estimate.of(size(3000), drills, PRICES);
    assertThat(estimate.fetchMillis()).isEqualTo(30_000);
    assertThat(estimate.replayMillis()).isEqualTo(60_000);
    assertThat(estimate.millis()).isEqualTo(90_000);
    assertThat(estimate.headerBytes()).isEqualTo(150_000_000);
    assertThat(estimate.records()).isEqualTo(1_800_000);
    assertThat(estimate.gets()).isEqualTo(3300);
    // Twice a page, and one for each of the 256 hashes.
    assertThat(estimate.lists()).isEqualTo(514);
    assertThat(estimate.readBytes()).isEqualTo(180_000_000);
    assertThat(estimate.requestsCost()).isCloseTo(514 * 5e-6 + 3300 * 4e-7, within(1e-9));
    assertThat(estimate.growth()).isEmpty();
    assertThat(estimate.millisIn(30)).isEmpty();
  }

  @Test
  void whatTheServerKnowsOfTodayGoesFirst() {
    List<DrillRecord> drills = List.of(drill(100, Result.EQUAL, false, work(1)));
    LogSize size = new LogSize(3000, 1, OptionalLong.of(25_000_000), OptionalLong.of(2_000_000));
    Estimate estimate = Estimate.of(size, drills, PRICES);
    assertThat(estimate.fetchMillis()).isEqualTo(30_000);
    assertThat(estimate.replayMillis()).isEqualTo(10_000);
    assertThat(estimate.records()).isEqualTo(2_000_000);
  }

  @Test
  void growthIsThatBetweenTheLastTwoGoodDrills() {
    List<DrillRecord> drills =
        List.of(
            drill(50, Result.EQUAL, false, work(7)),
            drill(100, Result.EQUAL, false, work(1)),
            drill(105, Result.FAILED, false, Work.NONE),
            drill(110, Result.PROVEN, false, work(2)));
    Estimate estimate = Estimate.of(size(3000), drills, PRICES);
    assertThat(estimate.growth().orElseThrow())
        .isEqualTo(new Estimate.Growth(100, 5_000_000, 60_000));
    // 6000 segments with 300 MB of headers by then.
    assertThat(estimate.millisIn(30)).contains(60_000L + 120_000);
  }

  @Test
  void readingIsReckonedByTheLastDrillAtFullSpeedIfThereWasOne() {
    DrillRecord full = drill(100, Result.PROVEN, false, work(1));
    Work slow = new Work(1000, 50_000_000, 600_000, 1100, 2, 60_000_000, 500_000, 40_000);
    DrillRecord gentle = drill(110, Result.EQUAL, true, slow);
    Estimate estimate = Estimate.of(size(1000), List.of(full, gentle), PRICES);
    assertThat(estimate.fetchMillis()).isEqualTo(10_000);
    assertThat(estimate.replayMillis()).isEqualTo(40_000);
    assertThat(estimate.fetchRate()).contains(full);
    assertThat(estimate.replayRate()).contains(gentle);
    Estimate alone = Estimate.of(size(1000), List.of(gentle), PRICES);
    assertThat(alone.fetchMillis()).isEqualTo(500_000);
    assertThat(alone.fetchRate()).contains(gentle);
  }

  @Test
  void withoutADrillItIsAGuessThatSaysSo() {
    Estimate estimate = Estimate.of(size(1000), List.of(), PRICES);
    assertThat(estimate.fetchRate()).isEmpty();
    assertThat(estimate.replayRate()).isEmpty();
    assertThat(estimate.fetchMillis()).isEqualTo(5000);
    assertThat(estimate.headerBytes()).isEqualTo(65_536_000);
    assertThat(estimate.replayMillis()).isEqualTo(6553);
    assertThat(estimate.gets()).isEqualTo(1000);
    assertThat(estimate.lists()).isEqualTo(2);
  }

  @Test
  void resultsAreKeptAndWhatIsTornIsLeftOut() throws Exception {
    DrillBook book = new DrillBook(folder);
    DrillRecord good = drill(100, Result.EQUAL, true, work(1));
    DrillRecord bad = new DrillRecord(1, Result.FAILED, false, Work.NONE, "a=b why=c is missing");
    book.add(good);
    String line = Files.readString(folder.resolve("drills"));
    Files.writeString(folder.resolve("drills"), line.substring(0, 90), StandardOpenOption.APPEND);
    book.add(bad);
    Files.writeString(
        folder.resolve("drills"),
        "nonsense\n" + line.replace("equal", "odd"),
        StandardOpenOption.APPEND);
    assertThat(new DrillBook(folder).all()).containsExactly(good, bad);
  }
}
