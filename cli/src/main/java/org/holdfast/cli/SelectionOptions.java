package org.holdfast.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.Stack;
import org.holdfast.cli.console.ListFiles;
import org.holdfast.client.select.Exclusions;
import org.holdfast.client.select.FolderMark;
import org.holdfast.client.select.PathRules;
import org.holdfast.client.select.Size;
import org.holdfast.client.tree.RawArguments;
import org.holdfast.client.tree.SyntheticFileSystems;
import org.holdfast.client.tree.Timestamp;
import org.holdfast.core.HoldfastException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/// What a person wants left out of a backup. Patterns count in the order in which they were given,
/// over all options that give some.
final class SelectionOptions {
  private static final String PATTERN = "PATTERN";

  @Option(
      names = {"-e", "--exclude"},
      paramLabel = PATTERN,
      parameterConsumer = Collector.class,
      description =
          "Leave out what matches, with all that is in it: `*.o`, `build/`, `/var/cache`,"
              + " `node_modules/**`. `!PATTERN` takes it after all; the last one that matches"
              + " decides.")
  private List<Given> excludes = List.of();

  @Option(
      names = "--iexclude",
      paramLabel = PATTERN,
      parameterConsumer = Collector.class,
      description = "The same, where upper and lower case are one.")
  private List<Given> excludesOfAnyCase = List.of();

  @Option(
      names = "--include",
      paramLabel = PATTERN,
      parameterConsumer = Collector.class,
      description =
          "Take what matches, though a pattern before has left it out. What is in a folder that is"
              + " left out is not looked at.")
  private List<Given> includes = List.of();

  @Option(
      names = "--exclude-file",
      paramLabel = "FILE",
      parameterConsumer = Collector.class,
      description =
          "Leave out what patterns in a file match, one in a line; lines that begin with # are"
              + " none.")
  private List<Given> excludeFiles = List.of();

  @Option(
      names = "--iexclude-file",
      paramLabel = "FILE",
      parameterConsumer = Collector.class,
      description = "The same, where upper and lower case are one.")
  private List<Given> excludeFilesOfAnyCase = List.of();

  @Option(
      names = "--exclude-caches",
      description =
          "Leave out what is in folders that have a file CACHEDIR.TAG which says that they are"
              + " caches.")
  private boolean excludeCaches;

  @Option(
      names = "--exclude-if-present",
      paramLabel = "NAME[:BEGIN]",
      parameterConsumer = Collector.class,
      description =
          "Leave out what is in folders that have a file of that name, whose content begins so.")
  private List<Given> marks = List.of();

  @Option(
      names = "--exclude-larger-than",
      paramLabel = "SIZE",
      description = "Leave out files of more bytes: 500k, 10M, 1.5G.")
  private @Nullable String largerThan;

  @Option(names = "--exclude-nodump", description = "Leave out what has the flag d of chattr.")
  private boolean excludeNoDump;

  @Option(
      names = "--newer",
      paramLabel = "TIME",
      description =
          "Leave out what has not changed since, but for folders: 2026-11-01, 2026-11-01T18:30,"
              + " or the path of a file whose time it is.")
  private @Nullable String newer;

  @Option(
      names = {"-x", "--one-file-system"},
      description = "Leave folders empty on which another file system is mounted.")
  private boolean oneFileSystem;

  @Option(
      names = {"--synthetic-file-systems", "--insane-filesystems"},
      description =
          "Back up what the kernel makes up too (/proc, /sys, /dev and others), whose folders are"
              + " left empty otherwise.")
  private boolean takesSynthetic;

  /// What they come to.
  Exclusions exclusions(RawArguments arguments) throws HoldfastException {
    return new Exclusions(
        rules(arguments),
        folderMarks(arguments),
        largerThan == null ? OptionalLong.empty() : OptionalLong.of(Size.parse(largerThan)),
        newer == null ? Optional.<Timestamp>empty() : Optional.of(SinceTime.of(newer, arguments)),
        excludeNoDump,
        oneFileSystem,
        takesSynthetic ? Set.of() : SyntheticFileSystems.mounted());
  }

  private List<FolderMark> folderMarks(RawArguments arguments) throws HoldfastException {
    List<FolderMark> all = new ArrayList<>();
    if (excludeCaches) {
      all.add(FolderMark.CACHE);
    }
    for (Given each : marks) {
      all.add(FolderMark.of(arguments.bytesOf(each.value)));
    }
    return all;
  }

  private PathRules rules(RawArguments arguments) throws HoldfastException {
    List<Rule> all = new ArrayList<>();
    for (Given each : excludes) {
      byte[] pattern = arguments.bytesOf(each.value);
      all.add(new Rule(each, builder -> builder.exclude(pattern, false)));
    }
    for (Given each : excludesOfAnyCase) {
      byte[] pattern = arguments.bytesOf(each.value);
      all.add(new Rule(each, builder -> builder.exclude(pattern, true)));
    }
    for (Given each : includes) {
      byte[] pattern = arguments.bytesOf(each.value);
      all.add(new Rule(each, builder -> builder.include(pattern, false)));
    }
    for (Given each : excludeFiles) {
      byte[] lines = ListFiles.read(each.value);
      all.add(new Rule(each, builder -> builder.excludeLines(lines, false)));
    }
    for (Given each : excludeFilesOfAnyCase) {
      byte[] lines = ListFiles.read(each.value);
      all.add(new Rule(each, builder -> builder.excludeLines(lines, true)));
    }
    all.sort(Comparator.comparingInt(rule -> -rule.given.wordsLeft));
    PathRules.Builder builder = new PathRules.Builder();
    for (Rule each : all) {
      each.step.add(builder);
    }
    return builder.build();
  }

  /// An option's value, and how many words of the command line came behind it.
  record Given(int wordsLeft, String value) {}

  private record Rule(Given given, Step step) {}

  private interface Step {
    PathRules.Builder add(PathRules.Builder builder) throws HoldfastException;
  }

  /// Keeps where on the command line a value stood, which the parser forgets.
  static final class Collector implements IParameterConsumer {
    @Override
    public void consumeParameters(Stack<String> words, ArgSpec option, CommandSpec command) {
      String name = ((picocli.CommandLine.Model.OptionSpec) option).longestName();
      if (words.isEmpty()) {
        throw new ParameterException(command.commandLine(), "the value of " + name + " is missing");
      }
      String value = words.pop();
      if (value.isBlank()) {
        throw new ParameterException(command.commandLine(), name + " has an empty value");
      }
      List<Given> before = option.getValue();
      List<Given> all = new ArrayList<>(before);
      all.add(new Given(words.size(), value));
      option.setValue(all);
    }
  }
}
