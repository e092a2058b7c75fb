package org.holdfast.server.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.holdfast.core.Clock;
import org.holdfast.core.UnavailableException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AlertWatchTest {
  private static final long MINUTE_NANOS = 60_000_000_000L;

  @TempDir Path folder;

  private final Map<String, String> figures = new TreeMap<>();
  private final List<String> told = new ArrayList<>();
  private final SetClock clock = new SetClock();
  private boolean fails;
  private @Nullable RuntimeException defect;
  private final AlertWatch watch =
      new AlertWatch(
          () -> {
            if (defect != null) {
              throw defect;
            }
            return Map.copyOf(figures);
          },
          lines -> {
            if (fails) {
              throw new UnavailableException("nobody is there");
            }
            lines.lines().forEach(told::add);
          },
          clock);

  private List<String> look() {
    told.clear();
    watch.look();
    clock.nanos += MINUTE_NANOS;
    return List.copyOf(told);
  }

  @Test
  void whatLastsIsToldWhenItBeginsOnceAnHourAndWhenItIsOver() {
    assertThat(look()).isEmpty();
    figures.put("obstacle", "the bucket is full");
    assertThat(look()).containsExactly("backups are not taken: the bucket is full");
    for (int i = 0; i < 59; i++) {
      assertThat(look()).isEmpty();
    }
    assertThat(look()).containsExactly("still: backups are not taken: the bucket is full");
    figures.clear();
    assertThat(look()).containsExactly("over: backups");
    assertThat(look()).isEmpty();
  }

  @Test
  void callThatIsGivenUpIsToldAndTheNextOnesOnceAnHour() {
    figures.put("bucket_given_up", "2");
    assertThat(look()).containsExactly("2 calls to the bucket failed for all their attempts");
    assertThat(look()).isEmpty();
    figures.put("bucket_given_up", "3");
    assertThat(look()).isEmpty();
    clock.nanos += 60 * MINUTE_NANOS;
    assertThat(look()).isEmpty();
    figures.put("bucket_given_up", "7");
    assertThat(look()).containsExactly("4 calls to the bucket failed for all their attempts");
  }

  @Test
  void jobThatFailsAgainAndAgainIsTold() {
    figures.put("cleaning_failures", "2");
    figures.put("cleaning_failures_in_a_row", "2");
    assertThat(look()).isEmpty();
    figures.put("cleaning_failures_in_a_row", "3");
    assertThat(look())
        .containsExactly("cleaning has failed 3 times in a row, and begins again each time");
  }

  @Test
  void jobThatFailsEveryOtherTimeIsTold() {
    figures.put("freeing_failures", "90");
    figures.put("freeing_failures_in_a_row", "1");
    figures.put("freeing_failures_of_late", "3");
    figures.put("freeing_rounds_of_late", "3");
    assertThat(look()).isEmpty();
    figures.put("freeing_failures_of_late", "4");
    figures.put("freeing_rounds_of_late", "13");
    assertThat(look()).isEmpty();
    figures.put("freeing_rounds_of_late", "12");
    assertThat(look()).containsExactly("freeing has failed 4 of 16 times of late");
    figures.put("freeing_failures_of_late", "0");
    assertThat(look()).containsExactly("over: freeing_failures");
  }

  @Test
  void damageIsToldWhenThereIsMoreAndOnceAnHourOnlyAsLongAsBlocksAreLost() {
    figures.put("damaged_objects", "1");
    figures.put("lost_blocks", "7");
    assertThat(look())
        .containsExactly(
            "lost or damaged objects of the log: 1",
            "blocks that cannot be restored, as objects are damaged: 7");
    clock.nanos += 60 * MINUTE_NANOS;
    assertThat(look())
        .containsExactly("still: blocks that cannot be restored, as objects are damaged: 7");
    figures.put("lost_blocks", "0");
    assertThat(look()).containsExactly("over: lost_blocks");
    clock.nanos += 60 * MINUTE_NANOS;
    assertThat(look()).isEmpty();
    figures.put("damaged_objects", "2");
    figures.put("lost_blocks", "1");
    assertThat(look())
        .containsExactly(
            "more: lost or damaged objects of the log: 2",
            "blocks that cannot be restored, as objects are damaged: 1");
    figures.put("damaged_objects", "0");
    figures.put("lost_blocks", "0");
    assertThat(look()).containsExactly("over: damaged_objects", "over: lost_blocks");
  }

  @Test
  void damageThatGrowsAllTheTimeIsToldEveryTenMinutes() {
    figures.put("damaged_objects", "1");
    look();
    for (int i = 2; i <= 10; i++) {
      figures.put("damaged_objects", String.valueOf(i));
      assertThat(look()).isEmpty();
    }
    assertThat(look()).containsExactly("more: lost or damaged objects of the log: 10");
    figures.put("damaged_objects", "4");
    look();
    clock.nanos += 10 * MINUTE_NANOS;
    figures.put("damaged_objects", "5");
    assertThat(look()).containsExactly("more: lost or damaged objects of the log: 5");
  }

  @Test
  void unusuallyManyFailuresAreToldThoughAllSucceedsInTheEnd() {
    figures.put("bucket_unusual_throttled_ppm", "90000");
    assertThat(look())
        .containsExactly(
            "the bucket answers with unusually many failures of the kind throttled: 90000 in a"
                + " million requests");
  }

  @Test
  void otherTroublesAreTold() {
    figures.put("damaged_objects", "2");
    figures.put("deletions_held_seconds", "60");
    figures.put("clock_jump_seconds", "0");
    assertThat(look()).containsExactly("lost or damaged objects of the log: 2");
    figures.put("clock_jump_seconds", "86400");
    figures.put("disk", "little");
    figures.put("disk_free_bytes", "1000");
    figures.put("defect_report", "/state/defects/1.txt");
    assertThat(look())
        .containsExactly(
            "something happened that should never: /state/defects/1.txt",
            "the clock has jumped by 86400 s: no deletion ends for 60 s",
            "free space is little: 1000 bytes");
  }

  @Test
  void drillsThatFailOrDoNotComeAreTold() {
    figures.put("drill_period_seconds", "86400");
    figures.put("drill_no_good_seconds", String.valueOf(3 * 86_400));
    figures.put("drill_result", "equal");
    assertThat(look()).isEmpty();
    figures.put("drill_no_good_seconds", String.valueOf(3 * 86_400 + 1));
    assertThat(look()).containsExactly("no drill has come to a good end for 3 days");
    figures.put("drill_result", "different");
    figures.put("drill_why", "at the end of 1-2");
    assertThat(look()).containsExactly("a drill has FAILED (different): at the end of 1-2");
    figures.remove("drill_why");
    figures.put("drill_no_good_seconds", "0");
    assertThat(look()).containsExactly("over: drill_overdue", "over: drill_result");
  }

  @Test
  void whatNobodyHasTakenIsToldAgain() {
    figures.put("damaged_objects", "1");
    fails = true;
    assertThat(look()).isEmpty();
    fails = false;
    assertThat(look()).containsExactly("lost or damaged objects of the log: 1");
    figures.put("damaged_objects", "0");
    fails = true;
    assertThat(look()).isEmpty();
    fails = false;
    assertThat(look()).containsExactly("over: damaged_objects");
  }

  @Test
  void serverThatCannotTellHowItIsIsToldOf() {
    figures.put("damaged_objects", "1");
    look();
    defect = new IllegalStateException("the index is gone");
    assertThat(look()).containsExactly("the server cannot tell how it is: the index is gone");
    assertThat(look()).isEmpty();
    defect = null;
    assertThat(look()).containsExactly("over: figures");
    defect = new IllegalStateException("it is being closed");
    watch.close();
    assertThat(look()).isEmpty();
  }

  @Test
  void commandGetsTheLinesAndItsFailureIsTold() throws Exception {
    Path file = folder.resolve("told");
    new AlertCommand("cat >'" + file + "'").tell("one\ntwo\n");
    assertThat(Files.readString(file)).isEqualTo("one\ntwo\n");
    assertThatThrownBy(() -> new AlertCommand("exit 3").tell("one\n"))
        .isInstanceOf(UnavailableException.class)
        .hasMessage("alert-command ended with exit code 3");
  }

  private static final class SetClock implements Clock {
    private long nanos;

    @Override
    public long wallMillis() {
      return nanos / 1_000_000;
    }

    @Override
    public long nanos() {
      return nanos;
    }

    @Override
    public void sleepMillis(long millis) {
      nanos += millis * 1_000_000;
    }
  }
}
