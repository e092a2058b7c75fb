package org.holdfast.cli;

import org.holdfast.cli.console.Counted;
import org.holdfast.cli.console.Failures;
import org.holdfast.cli.console.JsonLine;
import org.holdfast.cli.console.Output;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.RootContent.Unreadable;
import org.holdfast.client.backup.Survey;
import org.holdfast.client.tree.FileStatus;
import org.holdfast.client.tree.FileType;
import org.holdfast.client.tree.PathText;

/// Says what a backup would keep.
final class SurveyReport {
  private final Output output;
  private final boolean asJson;

  SurveyReport(Output output, boolean asJson) {
    this.output = output;
    this.asJson = asJson;
  }

  /// One entry, for who asks for more.
  void tell(ArchivePath path, FileStatus status) {
    if (!output.isVerbose()) {
      return;
    }
    String text = "/" + PathText.print(path.toArray());
    boolean isFile = status.type() == FileType.REGULAR;
    if (!asJson) {
      output.terminal().print(text);
    } else if (isFile) {
      output.terminal().print(entry(text, status).with("size", status.size()).end());
    } else {
      output.terminal().print(entry(text, status).end());
    }
  }

  void tell(Survey.Result result) {
    for (Unreadable each : result.named()) {
      output.warn("not read: /" + PathText.print(each.path().toArray()) + ": " + each.reason());
    }
    if (asJson) {
      output.terminal().print(json(result));
    } else if (!output.isQuiet()) {
      output
          .terminal()
          .print(
              "files     %d, folders %d, others %d"
                  .formatted(result.files(), result.folders(), result.others()));
      output.terminal().print("bytes     " + Failures.bytes(result.bytes()));
      if (result.excluded() > 0) {
        output.terminal().print("left out  " + Counted.of(result.excluded(), "entry", "entries"));
      }
      output.say("nothing was backed up: this was only a look");
    }
  }

  private static JsonLine entry(String path, FileStatus status) {
    return new JsonLine("entry").with("path", path).with("type", BackupReport.type(status.type()));
  }

  private static String json(Survey.Result result) {
    return new JsonLine("summary")
        .with("dry_run", true)
        .with("files", result.files())
        .with("folders", result.folders())
        .with("others", result.others())
        .with("bytes", result.bytes())
        .with("excluded", result.excluded())
        .with("files_unreadable", result.unreadable())
        .with("sockets_skipped", result.socketsSkipped())
        .with("mounts_skipped", result.mountsSkipped())
        .with("synthetic_skipped", result.syntheticSkipped())
        .end();
  }
}
