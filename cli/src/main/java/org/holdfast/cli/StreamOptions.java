package org.holdfast.cli;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.holdfast.cli.console.InputCommand;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.client.backup.StreamPlace;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.client.tree.FileStatus;
import org.holdfast.client.tree.PosixTree;
import org.holdfast.client.tree.SourceTree;
import org.holdfast.client.tree.Timestamp;
import org.holdfast.client.tree.TreePath;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import picocli.CommandLine.Option;

/// A stream to back up, instead of paths.
final class StreamOptions {
  @Option(names = "--stdin", description = "Back up what comes from standard input, as one file.")
  private boolean isStandardInput;

  @Option(
      names = "--stdin-from-command",
      description =
          "Back up what a command writes: `-- COMMAND WORD...` at the end. Where it fails there is"
              + " no archive.")
  private boolean isCommand;

  @Option(
      names = {"--stdin-name", "--stdin-filename"},
      paramLabel = "NAME",
      description = "The path of that file in the archive; stdin if not given.")
  private String name = "stdin";

  boolean isWanted() {
    return isStandardInput || isCommand;
  }

  /// The file's absolute path.
  byte[] path() {
    return (name.startsWith("/") ? name : "/" + name).getBytes(StandardCharsets.UTF_8);
  }

  /// Starts the command, if it is one; its words are what else would be paths.
  Source open(List<String> words, Surroundings surroundings)
      throws HoldfastException, FileAccessException {
    if (isStandardInput && isCommand) {
      throw new RefusedException("--stdin and --stdin-from-command are two sources: give one");
    }
    if (isStandardInput && !words.isEmpty()) {
      throw new RefusedException("--stdin is all of an archive: back paths up by another command");
    }
    if (isCommand && words.isEmpty()) {
      throw new RefusedException(
          "--stdin-from-command needs a command: write -- COMMAND WORD... at the end");
    }
    InputStream in = isCommand ? InputCommand.start(words) : System.in;
    Instant now = Instant.ofEpochMilli(surroundings.clock().wallMillis());
    Timestamp time = new Timestamp(now.getEpochSecond(), now.getNano());
    return new Source(in, new StreamPlace(path(), in, owner(), time));
  }

  /// This process's.
  private static StreamPlace.Owner owner() throws HoldfastException, FileAccessException {
    try (SourceTree self = PosixTree.open("/proc/self/.".getBytes(StandardCharsets.US_ASCII))) {
      FileStatus status = self.status(TreePath.root());
      return new StreamPlace.Owner(status.uid(), status.gid());
    }
  }

  /// A stream, and the file system that has it.
  record Source(InputStream stream, StreamPlace place) {}
}
