package org.holdfast.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.holdfast.cli.console.Counted;
import org.holdfast.cli.console.Failures;

/// What a server says of itself, for a person. What it does not say is left out.
final class StatusLines {
  private static final String FAILED = "bucket_failed_";
  private static final String UNUSUAL = "bucket_unusual_";
  private static final String ROUNDS = "_rounds";

  private final Map<String, String> values;
  private final List<String> lines = new ArrayList<>();

  StatusLines(Map<String, String> values) {
    this.values = values;
  }

  List<String> all() {
    if (text("role").equals("recovering")) {
      line("recovering", recovering());
      line("sessions", text("sessions"));
      return lines;
    }
    if (values.getOrDefault("role", "owner").equals("standby")) {
      line("standby", standby());
    } else if (values.containsKey("partner")) {
      line("partner", "%s is %s".formatted(text("partner"), text("partner_state")));
    }
    line("sessions", text("sessions"));
    line(
        "log",
        "epoch %s, segment %s, %s"
            .formatted(text("epoch"), text("segment"), Counted.of(number("records"), "record")));
    line("digest", text("digest"));
    line("backups", values.getOrDefault("obstacle", text("backups")).replace("backups are ", ""));
    if (number("damaged_objects") > 0) {
      line(
          "damaged",
          "%s, %s lost by it%s"
              .formatted(
                  Counted.of(number("damaged_objects"), "object"),
                  Counted.of(number("lost_blocks"), "block"),
                  number("lost_objects") == 0
                      ? ""
                      : ", and all %s in %s"
                          .formatted(
                              Failures.bytes(number("lost_objects_bytes")),
                              Counted.of(number("lost_objects"), "object"))));
    }
    if (number("deletions_held_seconds") > 0) {
      line("deletions", held());
    }
    line(
        "kept",
        "%s, %s"
            .formatted(
                Counted.of(number("kept_objects"), "object"),
                Failures.bytes(number("kept_bytes"))));
    if (values.containsKey("live_bytes")) {
      line("garbage", garbage());
    }
    if (values.containsKey("cleaned_segments")) {
      line("cleaning", cleaning());
    }
    deleted();
    work();
    bucket();
    if (values.containsKey("month_storage_micros")) {
      line("a month", cost());
    }
    return lines;
  }

  private String recovering() {
    String how = text("obstacle").replace("this server is being recovered: ", "");
    return values.containsKey("recovering_machines")
        ? "%s; %s of %s can be restored from"
            .formatted(
                how,
                text("recovering_machines_complete"),
                Counted.of(number("recovering_machines"), "machine"))
        : how + "; nothing can be restored yet";
  }

  private String standby() {
    String how =
        values.containsKey("standby_trouble")
            ? "DOES NOT FOLLOW THE LOG since %s: %s"
                .formatted(
                    Counted.of(number("standby_behind_seconds"), "second"), text("standby_trouble"))
            : "follows the log, as of %s ago"
                .formatted(Counted.of(number("standby_behind_seconds"), "second"));
    if (!values.containsKey("partner")) {
      return how + "; takes over on command";
    }
    String when =
        text("takes_over_alone").equals("yes")
            ? "takes over when it is silent for "
                + Counted.of(number("take_over_after_seconds"), "second")
            : "takes over on command";
    return "%s; %s is %s; %s".formatted(how, text("partner"), text("partner_state"), when);
  }

  private String garbage() {
    return String.format(
        Locale.ROOT,
        "%s of it, %.0f %%; %s live",
        Failures.bytes(number("garbage_bytes")),
        100.0 * number("garbage_bytes") / Math.max(1, number("kept_bytes")),
        Failures.bytes(number("live_bytes")));
  }

  private String cleaning() {
    return "since the start %s cleaned, %s moved, %s given back; of late %s an hour"
        .formatted(
            Counted.of(number("cleaned_segments"), "segment"),
            Failures.bytes(number("moved_bytes")),
            Failures.bytes(number("given_back_bytes")),
            Failures.bytes(number("given_back_bytes_an_hour")));
  }

  private void deleted() {
    if (number("deletions_undoable") > 0) {
      line("deleted", Counted.of(number("deletions_undoable"), "deletion") + " can be undone");
    }
    if (number("transactions_to_free") + number("freed_blocks") > 0) {
      line(
          "freeing",
          "%s to free, of which %s, %s are found; freed since the start: %s, %s"
              .formatted(
                  Counted.of(number("transactions_to_free"), "transaction"),
                  Counted.of(number("blocks_to_free"), "block"),
                  Failures.bytes(number("bytes_to_free")),
                  Counted.of(number("freed_blocks"), "block"),
                  Failures.bytes(number("freed_bytes"))));
    }
  }

  private void work() {
    if (values.containsKey("waiting_for_room")) {
      line(
          "queues",
          "%s for room, %d in the background, %s until durable, %s on their way"
              .formatted(
                  waiting("waiting_for_room"),
                  number("waiting_in_background"),
                  waiting("waiting_for_durable"),
                  Counted.of(number("segments_on_their_way"), "segment")));
      line(
          "memory",
          "stores %s, fetches %s, requests %s, background %s, log %s"
              .formatted(
                  memory("memory_store"),
                  memory("memory_fetch"),
                  memory("memory_request"),
                  memory("memory_background"),
                  Failures.bytes(number("memory_log_bytes"))));
    }
    values.keySet().stream()
        .filter(name -> name.endsWith(ROUNDS))
        .map(name -> name.substring(0, name.length() - ROUNDS.length()))
        .toList()
        .forEach(this::job);
    if (values.containsKey("scrub_read_bytes")) {
      line("scrub", scrub());
    }
    if (values.containsKey("drill_period_seconds")) {
      line("drill", drill());
    }
    if (values.containsKey("image_period_seconds")) {
      line("image", image());
    }
    if (values.containsKey("disk_free_bytes")) {
      line("disk", disk());
    }
    if (values.containsKey("last_override")) {
      line(
          "overrides",
          "%s overridden in rebuilds, the last: %s"
              .formatted(Counted.of(number("overrides"), "check"), text("last_override")));
    }
    if (values.containsKey("defect_report")) {
      line("defect", "what was seen is in " + text("defect_report"));
    }
  }

  private void job(String name) {
    String failures =
        number(name + "_failures") == 0
            ? ""
            : ", %s, %d in a row, of late %d in %s"
                .formatted(
                    Counted.of(number(name + "_failures"), "failure"),
                    number(name + "_failures_in_a_row"),
                    number(name + "_failures_of_late"),
                    Counted.of(
                        number(name + "_failures_of_late") + number(name + "_rounds_of_late"),
                        "attempt"));
    String held = values.containsKey(name + "_held") ? "; waits: " + text(name + "_held") : "";
    line(
        "work",
        "%s: %s, worked %s, waited for clients %s%s%s"
            .formatted(
                name,
                Counted.of(number(name + ROUNDS), "round"),
                span(number(name + "_worked_ms") / 1000),
                span(number(name + "_waited_ms") / 1000),
                failures,
                held));
  }

  private String scrub() {
    String round =
        values.containsKey("scrub_seconds")
            ? "began %s ago, %s read, %s to read"
                .formatted(
                    span(number("scrub_seconds")),
                    Failures.bytes(number("scrub_read_bytes")),
                    Failures.bytes(number("scrub_left_bytes")))
            : "waits for its next round";
    return round
        + (values.containsKey("scrub_ended_ago_seconds")
            ? "; all was read " + span(number("scrub_ended_ago_seconds")) + " ago"
            : "; not all was read so far");
  }

  private String drill() {
    if (!values.containsKey("drill_ago_seconds")) {
      return "none so far";
    }
    String why = values.containsKey("drill_why") ? ": " + text("drill_why") : "";
    return "%s ago, %s, %d a second, %s%s"
        .formatted(
            days(number("drill_ago_seconds")),
            Counted.of(number("drill_records"), "record"),
            number("drill_records_a_second"),
            values.containsKey("drill_why")
                ? text("drill_result").toUpperCase(Locale.ROOT)
                : text("drill_result"),
            why);
  }

  private String image() {
    return values.containsKey("image_ago_seconds")
        ? "%s ago, %s; %s since"
            .formatted(
                days(number("image_ago_seconds")),
                Failures.bytes(number("image_bytes")),
                Counted.of(number("image_behind_records"), "record"))
        : "none so far";
  }

  private static String days(long seconds) {
    return seconds < 2 * 86_400 ? span(seconds) : seconds / 86_400 + " days";
  }

  private String disk() {
    String marks =
        "%s free; backups stop below %s, until there are %s"
            .formatted(
                Failures.bytes(number("disk_free_bytes")),
                Failures.bytes(number("disk_low_bytes")),
                Failures.bytes(number("disk_high_bytes")));
    return values.containsKey("disk_hours_left")
        ? marks + "; at today's rate in " + number("disk_hours_left") + " h"
        : marks;
  }

  private String waiting(String name) {
    return number(name) == 1 ? "1 waits" : number(name) + " wait";
  }

  private String memory(String name) {
    return "%s of %s"
        .formatted(
            Failures.bytes(number(name + "_bytes")), Failures.bytes(number(name + "_limit_bytes")));
  }

  private String held() {
    long jump = number("clock_jump_seconds");
    return "none ends for "
        + span(number("deletions_held_seconds"))
        + (jump > 0
            ? ": the clock is " + span(jump) + " further than expected; mend it if it is wrong"
            : ", as after every start");
  }

  private void bucket() {
    line(
        "bucket",
        "in %s: %s"
            .formatted(
                span(number("bucket_seconds")),
                BucketLines.requests(
                    number("bucket_gets"),
                    number("bucket_puts"),
                    number("bucket_lists"),
                    number("bucket_deletes"))));
    line("", BucketLines.traffic(number("bucket_bytes_read"), number("bucket_bytes_written")));
    String failures =
        named(FAILED)
            .map(each -> "%s %s".formatted(words(each, FAILED), text(each)))
            .collect(Collectors.joining(", "));
    line(
        "trouble",
        BucketLines.trouble(
                number("bucket_retries"), number("bucket_given_up"), number("bucket_hedges"))
            + (failures.isEmpty() ? "" : "; failed requests: " + failures));
    String unusual =
        named(UNUSUAL)
            .map(each ->
                String.format(
                    Locale.ROOT,
                    "%s %.2f %% of requests",
                    words(each.replace("_ppm", ""), UNUSUAL),
                    number(each) / 1e4))
            .collect(Collectors.joining(", "));
    if (!unusual.isEmpty()) {
      line("unusual", unusual + ", far more than before");
    }
  }

  private Stream<String> named(String prefix) {
    return values.keySet().stream().filter(name -> name.startsWith(prefix));
  }

  private static String words(String name, String prefix) {
    return name.substring(prefix.length()).replace('_', ' ');
  }

  private String cost() {
    double requests = number("month_requests_micros") / 1e6;
    double storage = number("month_storage_micros") / 1e6;
    return String.format(
        Locale.ROOT,
        "%.2f for requests at this pace + %.2f for what is kept = %.2f by `s3-prices`",
        requests,
        storage,
        requests + storage);
  }

  private static String span(long seconds) {
    if (seconds < 120) {
      return seconds + " s";
    }
    return seconds < 7200 ? seconds / 60 + " min" : seconds / 3600 + " h";
  }

  private void line(String name, String value) {
    lines.add("%-9s %s".formatted(name, value));
  }

  private String text(String name) {
    return values.getOrDefault(name, "?");
  }

  private long number(String name) {
    String value = values.getOrDefault(name, "0");
    return value.matches("\\d{1,18}") ? Long.parseLong(value) : 0;
  }
}
