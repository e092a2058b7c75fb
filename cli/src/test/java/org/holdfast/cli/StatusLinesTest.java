package org.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class StatusLinesTest {
  private final Map<String, String> values = new LinkedHashMap<>();

  @Test
  void aStoreInTroubleIsShownWithWhatAMonthCosts() {
    values.put("backups", "stopped");
    values.put("obstacle", "backups are stopped, restores go on: why");
    values.put("damaged_objects", "2");
    values.put("kept_objects", "1");
    values.put("kept_bytes", "200000000000");
    values.put("bucket_seconds", "7300");
    values.put("bucket_gets", "10");
    values.put("bucket_puts", "2000");
    values.put("bucket_retries", "31");
    values.put("bucket_given_up", "1");
    values.put("bucket_failed_timed_out", "12");
    values.put("bucket_unusual_timed_out_ppm", "21300");
    values.put("month_requests_micros", "3546000");
    values.put("month_storage_micros", "4600000");
    assertThat(new StatusLines(values).all())
        .contains(
            "backups   stopped, restores go on: why",
            "damaged   2 objects",
            "kept      1 object, 200 GB",
            "bucket    in 2 h: 10 GET, 2000 PUT, 0 LIST, 0 DELETE",
            "trouble   31 retries, 1 call given up, 0 hedges; failed requests: timed out 12",
            "unusual   timed out 2.13 % of requests, far more than before",
            "a month   3.55 for requests at this pace + 4.60 for what is kept = 8.15 by"
                + " `s3-prices`");
  }

  @Test
  void deletionsThatAJumpOfTheClockHoldsBackAreShown() {
    values.put("deletions_held_seconds", "3600");
    values.put("clock_jump_seconds", "0");
    assertThat(new StatusLines(values).all())
        .contains("deletions none ends for 60 min, as after every start");
    values.put("clock_jump_seconds", "315360000");
    assertThat(new StatusLines(values).all())
        .contains(
            "deletions none ends for 60 min: the clock is 87600 h further than expected; mend it"
                + " if it is wrong");
  }

  @Test
  void aFolderHasNoPrice() {
    values.put("backups", "taken");
    assertThat(new StatusLines(values).all())
        .contains("backups   taken")
        .noneMatch(line -> line.startsWith("a month") || line.startsWith("unusual"));
  }
}
