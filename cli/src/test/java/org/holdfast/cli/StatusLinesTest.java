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
    values.put("lost_blocks", "5");
    values.put("lost_objects", "1");
    values.put("lost_objects_bytes", "3200000");
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
            "damaged   2 objects, 5 blocks lost by it, and all 3.20 MB in 1 object",
            "kept      1 object, 200 GB",
            "bucket    in 2 h: 10 GET, 2000 PUT, 0 LIST, 0 DELETE",
            "trouble   31 retries, 1 call given up, 0 hedges; failed requests: timed out 12",
            "unusual   timed out 2.13 % of requests, far more than before",
            "a month   3.55 for requests at this pace + 4.60 for what is kept = 8.15 by"
                + " `s3-prices`");
  }

  @Test
  void standbySaysWhatItKnowsAndWhenItTakesOver() {
    values.put("role", "standby");
    values.put("standby_behind_seconds", "1");
    assertThat(new StatusLines(values).all())
        .contains("standby   follows the log, as of 1 second ago; takes over on command");
    values.put("partner", "a:7420");
    values.put("partner_state", "owner");
    values.put("take_over_after_seconds", "5");
    values.put("takes_over_alone", "yes");
    assertThat(new StatusLines(values).all())
        .contains(
            "standby   follows the log, as of 1 second ago; a:7420 is owner; takes over when it is"
                + " silent for 5 seconds");
    values.put("takes_over_alone", "no");
    values.put("standby_trouble", "the bucket is away");
    assertThat(new StatusLines(values).all())
        .contains(
            "standby   DOES NOT FOLLOW THE LOG since 1 second: the bucket is away; a:7420 is owner;"
                + " takes over on command");
  }

  @Test
  void workThatNobodyWaitsForIsShownWithWhatItHolds() {
    values.put("deletions_undoable", "2");
    values.put("transactions_to_free", "1");
    values.put("blocks_to_free", "500");
    values.put("bytes_to_free", "1000000");
    values.put("freed_blocks", "3");
    values.put("freed_bytes", "2000");
    values.put("waiting_for_room", "1");
    values.put("waiting_in_background", "2");
    values.put("waiting_for_durable", "7");
    values.put("segments_on_their_way", "4");
    values.put("memory_log_bytes", "64000000");
    values.put("memory_store_bytes", "1000000");
    values.put("memory_store_limit_bytes", "128000000");
    values.put("memory_fetch_limit_bytes", "128000000");
    values.put("memory_request_limit_bytes", "96000000");
    values.put("memory_background_bytes", "4000000");
    values.put("memory_background_limit_bytes", "64000000");
    values.put("freeing_worked_ms", "3100");
    values.put("freeing_waited_ms", "28000");
    values.put("freeing_rounds", "5");
    values.put("freeing_failures", "142");
    values.put("freeing_failures_in_a_row", "9");
    values.put("freeing_failures_of_late", "30");
    values.put("freeing_rounds_of_late", "2");
    values.put("freeing_held", "the disk is nearly full");
    values.put("disk_free_bytes", "300000000");
    values.put("disk_low_bytes", "200000000");
    values.put("disk_high_bytes", "400000000");
    values.put("disk_hours_left", "31");
    values.put("defect_report", "/state/defects/1.txt");
    assertThat(new StatusLines(values).all())
        .contains(
            "deleted   2 deletions can be undone",
            "freeing   1 transaction to free, of which 500 blocks, 1.00 MB are found; freed since"
                + " the start: 3 blocks, 2.00 kB",
            "queues    1 waits for room, 2 in the background, 7 wait until durable, 4 segments on"
                + " their way",
            "memory    stores 1.00 MB of 128 MB, fetches 0 B of 128 MB, requests 0 B of 96.0 MB,"
                + " background 4.00 MB of 64.0 MB, log 64.0 MB",
            "work      freeing: 5 rounds, worked 3 s, waited for clients 28 s, 142 failures, 9 in a"
                + " row, of late 30 in 32 attempts; waits: the disk is nearly full",
            "disk      300 MB free; backups stop below 200 MB, until there are 400 MB; at today's"
                + " rate in 31 h",
            "defect    what was seen is in /state/defects/1.txt");
  }

  @Test
  void garbageIsShownWithWhatCleaningGaveBack() {
    values.put("kept_bytes", "200000000");
    values.put("live_bytes", "150000000");
    values.put("garbage_bytes", "50000000");
    values.put("cleaned_segments", "3");
    values.put("moved_bytes", "4000000");
    values.put("given_back_bytes", "24000000");
    values.put("given_back_bytes_an_hour", "370000000");
    values.put("bucket_seconds", "7300");
    values.put("cleaning_rounds", "0");
    values.put("cleaning_held", "it is switched off");
    assertThat(new StatusLines(values).all())
        .contains(
            "garbage   50.0 MB of it, 25 %; 150 MB live",
            "cleaning  since the start 3 segments cleaned, 4.00 MB moved, 24.0 MB given back; of"
                + " late 370 MB an hour",
            "work      cleaning: 0 rounds, worked 0 s, waited for clients 0 s; waits: it is"
                + " switched off");
  }

  @Test
  void cleaningIsShownAlsoBeforeAnythingWasCleaned() {
    values.put("cleaned_segments", "0");
    assertThat(new StatusLines(values).all())
        .contains(
            "cleaning  since the start 0 segments cleaned, 0 B moved, 0 B given back; of late 0 B"
                + " an hour");
  }

  @Test
  void theLastDrillIsShown() {
    assertThat(new StatusLines(values).all()).noneMatch(line -> line.startsWith("drill"));
    values.put("drill_period_seconds", "2592000");
    assertThat(new StatusLines(values).all()).contains("drill     none so far");
    values.put("drill_ago_seconds", "300000");
    values.put("drill_records", "1200000");
    values.put("drill_records_a_second", "90000");
    values.put("drill_result", "equal");
    assertThat(new StatusLines(values).all())
        .contains("drill     3 days ago, 1200000 records, 90000 a second, equal");
    values.put("drill_result", "different");
    values.put("drill_why", "reason");
    values.put("drill_ago_seconds", "100");
    assertThat(new StatusLines(values).all())
        .contains("drill     100 s ago, 1200000 records, 90000 a second, DIFFERENT: reason");
  }

  @Test
  void theNewestImageIsShown() {
    assertThat(new StatusLines(values).all()).noneMatch(line -> line.startsWith("image"));
    values.put("image_period_seconds", "86400");
    assertThat(new StatusLines(values).all()).contains("image     none so far");
    values.put("image_ago_seconds", "300000");
    values.put("image_bytes", "2000000");
    values.put("image_behind_records", "1");
    assertThat(new StatusLines(values).all())
        .contains("image     3 days ago, 2.00 MB; 1 record since");
  }

  @Test
  void howFarTheScrubIsIsShown() {
    assertThat(new StatusLines(values).all()).noneMatch(line -> line.startsWith("scrub"));
    values.put("scrub_seconds", "300");
    values.put("scrub_read_bytes", "1000000");
    values.put("scrub_left_bytes", "2000000");
    assertThat(new StatusLines(values).all())
        .contains(
            "scrub     began 5 min ago, 1.00 MB read, 2.00 MB to read; not all was read so far");
    values.remove("scrub_seconds");
    values.put("scrub_ended_ago_seconds", "7200");
    assertThat(new StatusLines(values).all())
        .contains("scrub     waits for its next round; all was read 2 h ago");
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
