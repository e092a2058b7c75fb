package org.holdfast.cli;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.cli.console.ListFiles;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.SourcePaths;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.client.tree.PathText;
import org.holdfast.client.tree.RawArguments;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Which paths a person wants to back up.
final class RootOptions {
  @Option(
      names = {"-C", "--directory"},
      paramLabel = SourcePaths.LABEL,
      description = "Paths that do not begin with / begin in this folder.")
  private @Nullable String folder;

  @Option(
      names = "--files-from",
      paramLabel = "FILE",
      description =
          "Back up the paths in a file too, one in a line, each with all that is in it; - is"
              + " standard input. One that is not there is told of, and the exit code is 3.")
  private List<String> files = List.of();

  @Option(
      names = {"-0", "--null"},
      description = "With --files-from: a NUL is behind each path, and not a line's end.")
  private boolean betweenNuls;

  @Parameters(arity = "0..*", paramLabel = SourcePaths.LABEL, description = "What to back up.")
  private List<String> paths = List.of();

  /// Paths as they stand on the command line.
  List<String> words() {
    return paths;
  }

  /// Whether paths are named otherwise than by words.
  boolean isElsewhere() {
    return folder != null || !files.isEmpty();
  }

  /// Absolute paths. Those of the command line are there.
  List<byte[]> paths(RawArguments arguments) throws HoldfastException, FileAccessException {
    byte[] base =
        folder == null
            ? SourcePaths.workingFolder()
            : SourcePaths.absolute(arguments.bytesOf(folder));
    List<byte[]> roots = new ArrayList<>();
    for (String each : paths) {
      roots.add(SourcePaths.existing(arguments.bytesOf(each), base));
    }
    for (String each : files) {
      for (byte[] path : ListFiles.words(ListFiles.read(each), betweenNuls)) {
        roots.add(SourcePaths.absolute(path, base));
      }
    }
    if (roots.isEmpty()) {
      throw new RefusedException(
          files.isEmpty()
              ? "nothing to back up was named: PATH or --files-from is missing; see holdfast backup"
                  + " --help"
              : "there is no path in " + String.join(", ", files));
    }
    return roots;
  }

  void sayWhichAreSymlinks(List<byte[]> roots, Output output) throws HoldfastException {
    for (byte[] root : roots) {
      if (SourcePaths.isSymlink(root)) {
        output.say(
            PathText.print(root)
                + " is a symlink: it is kept, and not what it leads to; name that");
      }
    }
  }
}
