package org.holdfast.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.holdfast.cli.console.ListFiles;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.catalog.ArchiveList;
import org.holdfast.client.restore.EntryPatterns;
import org.holdfast.client.restore.Overwrite;
import org.holdfast.client.restore.Owners;
import org.holdfast.client.restore.RestoreOptions;
import org.holdfast.client.select.Glob;
import org.holdfast.client.select.PathRules;
import org.holdfast.client.tree.RawArguments;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import picocli.CommandLine.Option;

/// What of an archive a person wants back, and how.
final class WantedOptions {
  private static final String PATTERN = "PATTERN";

  @Option(
      names = "--include",
      paramLabel = "P",
      description =
          "Only this path of the archive, or what matches this pattern, and what is below it; may"
              + " be repeated.")
  private List<String> includes = List.of();

  @Option(
      names = {"-e", "--exclude"},
      paramLabel = PATTERN,
      description = "Leave out what matches, with all that is in it; may be repeated.")
  private List<String> excludes = List.of();

  @Option(
      names = "--iexclude",
      paramLabel = PATTERN,
      description = "The same, where upper and lower case are one.")
  private List<String> excludesOfAnyCase = List.of();

  @Option(
      names = "--exclude-file",
      paramLabel = "FILE",
      description = "Leave out what patterns in a file match, one in a line.")
  private List<String> excludeFiles = List.of();

  @Option(
      names = "--strip-components",
      paramLabel = "N",
      description = "Take so many names off the front of each path below the target.")
  private int strippedNames;

  @Option(names = "--resume", description = "Go on with a restore that was interrupted.")
  private boolean resume;

  @Option(names = "--numeric-ids", description = "Restore owners by number, not by name.")
  private boolean numericIds;

  @Option(
      names = {"--no-owner", "--no-same-owner"},
      description = "Restore no owners: everything is yours, and no file runs as somebody else.")
  private boolean noOwner;

  /// What they come to.
  RestoreOptions of(ArchivePath subtree, RawArguments arguments) throws HoldfastException {
    if (strippedNames < 0) {
      throw new RefusedException("--strip-components takes 0 or more");
    }
    List<ArchivePath> paths = new ArrayList<>();
    List<Glob> wanted = new ArrayList<>();
    for (String each : includes) {
      if (isPattern(each)) {
        wanted.add(Glob.of(arguments.bytesOf(each), false));
      } else {
        paths.add(ArchiveList.path(each));
      }
    }
    if (!wanted.isEmpty()) {
      for (ArchivePath each : paths) {
        wanted.add(Glob.of(escaped(each), false));
      }
      paths.clear();
    }
    return new RestoreOptions(
        subtree,
        paths,
        new EntryPatterns(wanted, rules(arguments)),
        strippedNames,
        resume ? Overwrite.CHANGED : Overwrite.REFUSE,
        owners());
  }

  private PathRules rules(RawArguments arguments) throws HoldfastException {
    PathRules.Builder rules = new PathRules.Builder();
    for (String each : excludeFiles) {
      rules.excludeLines(ListFiles.read(each), false);
    }
    for (String each : excludes) {
      rules.exclude(arguments.bytesOf(each), false);
    }
    for (String each : excludesOfAnyCase) {
      rules.exclude(arguments.bytesOf(each), true);
    }
    return rules.build();
  }

  private static boolean isPattern(String text) {
    return text.chars().anyMatch(each -> each == '*' || each == '?' || each == '[');
  }

  /// A pattern that matches this path and no other.
  private static byte[] escaped(ArchivePath path) {
    byte[] bytes = path.toArray();
    byte[] pattern = new byte[2 * bytes.length + 1];
    int length = 0;
    pattern[length++] = '/';
    for (byte each : bytes) {
      if (each != '/' && each > 0) {
        pattern[length++] = '\\';
      }
      pattern[length++] = each;
    }
    return Arrays.copyOf(pattern, length);
  }

  private Owners owners() throws RefusedException {
    if (noOwner && numericIds) {
      throw new RefusedException("--no-owner and --numeric-ids exclude each other: leave one out");
    }
    return noOwner ? Owners.NONE : numericIds ? Owners.BY_NUMBER : Owners.BY_NAME;
  }
}
