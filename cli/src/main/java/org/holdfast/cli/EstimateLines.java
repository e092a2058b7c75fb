package org.holdfast.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.holdfast.cli.console.Counted;
import org.holdfast.cli.console.Failures;
import org.holdfast.cli.console.JsonLine;
import org.holdfast.server.drill.DrillRecord;
import org.holdfast.server.drill.Estimate;

/// What a recovery would take, for a person and for scripts.
final class EstimateLines {
  /// So far ahead growth is reckoned, in days.
  private static final int AHEAD_DAYS = 30;

  private final Estimate estimate;
  private final boolean hasPrice;
  private final long nowMillis;

  EstimateLines(Estimate estimate, boolean hasPrice, long nowMillis) {
    this.estimate = estimate;
    this.hasPrice = hasPrice;
    this.nowMillis = nowMillis;
  }

  List<String> all() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "log       %s, %s; %s of headers%s"
            .formatted(
                Counted.of(estimate.segments(), "segment"),
                Failures.bytes(estimate.bytes()),
                Failures.bytes(estimate.headerBytes()),
                estimate.records() == 0 ? "" : ", " + Counted.of(estimate.records(), "record")));
    lines.add(
        "recovery  %s: %s to read headers, %s to make the index"
            .formatted(
                span(estimate.millis()),
                span(estimate.fetchMillis()),
                span(estimate.replayMillis())));
    lines.add(
        "asks for  %d GET, %d LIST; %s"
            .formatted(estimate.gets(), estimate.lists(), Failures.bytes(estimate.readBytes())));
    if (hasPrice) {
      lines.add(
          String.format(
              Locale.ROOT,
              "costs     %.4f by `s3-prices`, without traffic",
              estimate.requestsCost()));
    }
    lines.add("rests on  " + basis());
    estimate
        .growth()
        .ifPresent(growth ->
            lines.add(
                String.format(
                    Locale.ROOT,
                    "growth    %.0f segments, %.0f bytes of headers, %.0f records a day between the"
                        + " last two drills; in %d days a recovery takes %s",
                    growth.segmentsPerDay(),
                    growth.headerBytesPerDay(),
                    growth.recordsPerDay(),
                    AHEAD_DAYS,
                    span(estimate.millisIn(AHEAD_DAYS).orElse(0L)))));
    return lines;
  }

  private String basis() {
    if (estimate.replayRate().isEmpty() || estimate.fetchRate().isEmpty()) {
      return "no drill, so on guesses: %d headers a second, %s of headers made into an index a"
              .formatted(
                  Estimate.ASSUMED_HEADERS_PER_SECOND,
                  Failures.bytes(Estimate.ASSUMED_HEADER_BYTES_PER_SECOND))
          + " second; `holdfast drill` measures";
    }
    DrillRecord fetch = estimate.fetchRate().get();
    DrillRecord replay = estimate.replayRate().get();
    String rates = "the drill of " + ago(replay);
    if (!fetch.equals(replay)) {
      rates += ", for reading on that of " + ago(fetch);
    }
    return fetch.isGentle()
        ? rates
            + ", which gave way to clients and read one header at a time: a recovery reads faster,"
            + " `holdfast drill` measures how fast"
        : rates;
  }

  private String ago(DrillRecord drill) {
    return span(Math.max(0, nowMillis - drill.atMillis())) + " ago";
  }

  private static String span(long millis) {
    if (millis < 120_000) {
      return String.format(Locale.ROOT, "%.1f s", millis / 1e3);
    }
    long minutes = millis / 60_000;
    return minutes < 120
        ? minutes + " min"
        : minutes < 48 * 60 ? minutes / 60 + " h" : minutes / (24 * 60) + " days";
  }

  String json() {
    JsonLine line =
        new JsonLine("estimate")
            .with("segments", estimate.segments())
            .with("bytes", estimate.bytes())
            .with("header_bytes", estimate.headerBytes())
            .with("records", estimate.records())
            .with("fetch_millis", estimate.fetchMillis())
            .with("replay_millis", estimate.replayMillis())
            .with("total_millis", estimate.millis())
            .with("gets", estimate.gets())
            .with("lists", estimate.lists())
            .with("read_bytes", estimate.readBytes())
            .with("drilled", estimate.replayRate().isPresent());
    if (hasPrice) {
      line.with("requests_micros", Math.round(estimate.requestsCost() * 1e6));
    }
    estimate
        .replayRate()
        .ifPresent(drill -> line.with("drill_ago_seconds", (nowMillis - drill.atMillis()) / 1000));
    estimate.fetchRate().ifPresent(drill -> line.with("read_one_at_a_time", drill.isGentle()));
    estimate
        .growth()
        .ifPresent(growth ->
            line.with("segments_a_day", Math.round(growth.segmentsPerDay()))
                .with("header_bytes_a_day", Math.round(growth.headerBytesPerDay()))
                .with("records_a_day", Math.round(growth.recordsPerDay()))
                .with("total_millis_in_30_days", estimate.millisIn(AHEAD_DAYS).orElse(0L)));
    return line.end();
  }
}
