package org.holdfast.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.holdfast.bucket.BucketAddress;
import org.holdfast.bucket.ProbeReport;
import org.holdfast.bucket.ProbeReport.Finding;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Host;
import org.holdfast.cli.console.JsonLine;
import org.holdfast.cli.console.JsonOption;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Tries what a store can and cannot do.
@Command(
    name = "probe",
    description = "Try whether a store can hold a service's log: races, ranges, listings.",
    footer = {
      "",
      "Puts about 1,350 small objects under probe/ in the bucket, and removes them. Exit code 1 if"
          + " the store cannot be used.",
      "",
      "Examples:",
      "  holdfast bucket probe s3://my-bucket",
      "  AWS_ENDPOINT_URL=http://127.0.0.1:9000 holdfast bucket probe s3://b/backups"
    })
final class BucketProbeCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Parameters(paramLabel = "ADDR", description = "The bucket: s3://BUCKET[/PREFIX] or dir:PATH.")
  private String address = "";

  @Option(
      names = "--single-writer",
      description = "Nobody else ever writes there: do without conditional puts.")
  private boolean singleWriter;

  @Mixin private final Output output;
  @Mixin private final JsonOption json = new JsonOption();

  BucketProbeCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.output = new Output(surroundings.terminal());
  }

  @Override
  public Integer call() throws HoldfastException {
    BucketAddress at = BucketAddress.parse(address);
    if (at instanceof BucketAddress.Directory(Path folder) && !Host.isFolder(folder)) {
      throw new RefusedException("there is no folder " + folder + ": correct it, or make it first");
    }
    ProbeReport report = surroundings.buckets().probe(at);
    boolean usable = report.against(singleWriter).isEmpty();
    if (json.isWanted()) {
      report.findings().forEach(each -> output.terminal().print(json(each)));
      output.terminal().print(new JsonLine("summary").with("usable", usable).end());
    } else {
      text(report.findings()).forEach(output.terminal()::print);
      output.terminal().print(usable ? "the store can be used" : "THE STORE CANNOT BE USED");
    }
    return usable ? ExitCode.DONE : ExitCode.FAILED;
  }

  private static List<String> text(List<Finding> findings) {
    return findings.stream()
        .map(each ->
            "%-4s %-42s %s%s"
                .formatted(
                    mark(each),
                    each.tried(),
                    each.seen(),
                    each.meaning().isEmpty() ? "" : ": " + each.meaning()))
        .toList();
  }

  private static String mark(Finding finding) {
    return switch (finding.verdict()) {
      case GOOD -> "ok";
      case REMARK -> "mind";
      case NEEDS_SINGLE_WRITER, UNUSABLE -> "NO";
    };
  }

  private static String json(Finding finding) {
    return new JsonLine("finding")
        .with("tried", finding.tried())
        .with("verdict", finding.verdict().name().toLowerCase(Locale.ROOT))
        .with("seen", finding.seen())
        .with("meaning", finding.meaning())
        .end();
  }
}
