package org.holdfast.cli;

import java.util.Optional;
import org.holdfast.bucket.BucketMeter;
import org.holdfast.cli.console.Counted;
import org.holdfast.cli.console.Failures;
import org.holdfast.cli.console.JsonLine;
import org.holdfast.cli.console.Output;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.RootContent.Unreadable;
import org.holdfast.client.backup.BackupSummary;
import org.holdfast.client.tree.FileType;
import org.holdfast.client.tree.PathText;

/// Says what a backup did.
final class BackupReport {
  /// Files that could not be read and are named on the terminal; the archive's root names more.
  private static final int NAMED_MAX = 20;

  private final Output output;
  private final boolean asJson;

  BackupReport(Output output, boolean asJson) {
    this.output = output;
    this.asJson = asJson;
  }

  /// `asked` is what a service inside this process has asked of its bucket.
  void tell(BackupSummary summary, Optional<BucketMeter.Report> asked) {
    for (Unreadable each :
        summary.named().subList(0, Math.min(NAMED_MAX, summary.named().size()))) {
      output.warn("not read: /" + PathText.print(each.path().toArray()) + ": " + each.reason());
    }
    if (summary.unreadable() > NAMED_MAX) {
      output.warn("not read: " + (summary.unreadable() - NAMED_MAX) + " more");
    }
    summary.deletedElsewhere().ifPresent(output::warn);
    if (summary.lostBlocks() > 0) {
      output.warn(
          Counted.of(summary.lostBlocks(), "block")
              + " of earlier archives cannot be read at the server and could not be sent again:"
              + " this archive needs none of them, restores of earlier ones may miss files");
    }
    if (asJson) {
      output.terminal().print(json(summary, asked));
      return;
    }
    if (output.isQuiet()) {
      return;
    }
    output.terminal().print("archive   " + summary.root() + "  " + summary.name());
    output
        .terminal()
        .print(
            "files     %d (%d unchanged), folders %d, others %d"
                .formatted(
                    summary.files(),
                    summary.unchangedFiles(),
                    summary.folders(),
                    summary.others()));
    output
        .terminal()
        .print(
            "bytes     %s, stored %s in %s"
                .formatted(
                    Failures.bytes(summary.bytes()),
                    Failures.bytes(summary.newBytes()),
                    Counted.of(summary.newBlocks(), "block")));
    output.terminal().print("time      %.2f s".formatted(summary.millis() / 1000.0));
    if (summary.mendedBlocks() > 0) {
      output.say(
          "sent again %s that had been damaged at the server"
              .formatted(Counted.of(summary.mendedBlocks(), "block")));
    }
    if (summary.resumed()) {
      output.say("went on with a backup that was interrupted");
    }
    if (summary.changedWhileRead() > 0) {
      output.say(Counted.of(summary.changedWhileRead(), "file") + " changed while being read");
    }
    tellSkipped(summary);
    asked.ifPresent(report -> output.detail("bucket    " + BucketLines.line(report)));
  }

  private void tellSkipped(BackupSummary summary) {
    if (summary.socketsSkipped() > 0) {
      output.say(
          "skipped %s: nothing without the process behind it"
              .formatted(Counted.of(summary.socketsSkipped(), "socket")));
    }
    if (summary.mountsSkipped() > 0) {
      output.say(
          "skipped what is in %s where another file system is mounted"
              .formatted(Counted.of(summary.mountsSkipped(), "folder")));
    }
    if (summary.syntheticSkipped() > 0) {
      output.say(
          "skipped what the kernel makes up in %s"
              .formatted(Counted.of(summary.syntheticSkipped(), "folder")));
    }
    if (summary.excluded() > 0) {
      output.say(
          "left out, as you have said: %s, and what is in them"
              .formatted(Counted.of(summary.excluded(), "file or folder", "files and folders")));
    }
    for (ArchivePath each : summary.ownFoldersSkipped()) {
      output.say(
          "skipped what is in /%s: Holdfast itself keeps things there"
              .formatted(PathText.print(each.toArray())));
    }
  }

  /// What a kind of entry is called.
  static String type(FileType type) {
    return switch (type) {
      case REGULAR -> "file";
      case FOLDER -> "folder";
      case SYMLINK -> "symlink";
      case FIFO -> "fifo";
      case SOCKET -> "socket";
      case BLOCK_DEVICE -> "block_device";
      case CHAR_DEVICE -> "character_device";
    };
  }

  private static String json(BackupSummary summary, Optional<BucketMeter.Report> asked) {
    JsonLine line =
        new JsonLine("summary")
            .with("archive", summary.root().toString())
            .with("name", summary.name())
            .with("sequence", summary.sequence())
            .with("files", summary.files())
            .with("folders", summary.folders())
            .with("others", summary.others())
            .with("bytes", summary.bytes())
            .with("bytes_stored", summary.newBytes())
            .with("blocks_stored", summary.newBlocks())
            .with("blocks_mended", summary.mendedBlocks())
            .with("blocks_lost", summary.lostBlocks())
            .with("files_unchanged", summary.unchangedFiles())
            .with("files_changed_while_read", summary.changedWhileRead())
            .with("files_unreadable", summary.unreadable())
            .with("sockets_skipped", summary.socketsSkipped())
            .with("mounts_skipped", summary.mountsSkipped())
            .with("synthetic_skipped", summary.syntheticSkipped())
            .with("excluded", summary.excluded())
            .with(
                "own_folders_skipped",
                summary.ownFoldersSkipped().stream()
                    .map(path -> "/" + PathText.print(path.toArray()))
                    .toList())
            .with("resumed", summary.resumed())
            .with("duration_millis", summary.millis());
    asked.ifPresent(report -> BucketLines.add(line, report));
    return line.end();
  }
}
