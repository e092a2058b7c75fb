package org.holdfast.cli;

import java.util.Map;
import org.holdfast.bucket.BucketMeter;
import org.holdfast.cli.console.Counted;
import org.holdfast.cli.console.Failures;
import org.holdfast.cli.console.JsonLine;

/// What was asked of a bucket, in the words of `status` and of a service inside the client.
final class BucketLines {
  private BucketLines() {}

  static String requests(long gets, long puts, long lists, long deletes) {
    return "%d GET, %d PUT, %d LIST, %d DELETE".formatted(gets, puts, lists, deletes);
  }

  static String traffic(long bytesRead, long bytesWritten) {
    return "%s read, %s written".formatted(Failures.bytes(bytesRead), Failures.bytes(bytesWritten));
  }

  static String trouble(long retries, long givenUp, long hedges) {
    return "%s, %s given up, %s"
        .formatted(
            retries == 1 ? "1 retry" : retries + " retries",
            Counted.of(givenUp, "call"),
            Counted.of(hedges, "hedge"));
  }

  /// What a service inside the client has asked.
  static String line(BucketMeter.Report report) {
    return requests(report.gets(), report.puts(), report.lists(), report.deletes())
        + "; "
        + traffic(report.bytesIn(), report.bytesOut())
        + "; "
        + trouble(report.retries(), report.givenUp(), report.hedges());
  }

  static void add(JsonLine line, BucketMeter.Report report) {
    Map<String, Long> values =
        Map.of(
            "bucket_gets", report.gets(),
            "bucket_puts", report.puts(),
            "bucket_lists", report.lists(),
            "bucket_deletes", report.deletes(),
            "bucket_bytes_read", report.bytesIn(),
            "bucket_bytes_written", report.bytesOut(),
            "bucket_retries", report.retries(),
            "bucket_given_up", report.givenUp(),
            "bucket_hedges", report.hedges());
    values.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(each -> line.with(each.getKey(), each.getValue()));
  }
}
