package org.holdfast.sim;

import java.util.Arrays;
import java.util.Iterator;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/// What to run, as the words of a command line say it.
@Command(
    name = "holdfast-sim",
    sortOptions = false,
    description =
        "Runs client and server in a world that it makes up, and in which all goes wrong.",
    footer = {
      "",
      "Exit code 0: every promise was kept; 1: one was broken, see what is printed;",
      "2: misuse. docs/simulation.md has the rest."
    })
final class Options {
  private static final int PROCESSES_MAX = 64;
  private static final String NOTHING = "none";

  @Option(names = "--seed", paramLabel = "N", description = "Begin with this run; alone: only it.")
  private @Nullable Long seed;

  @Option(names = "--count", paramLabel = "N", description = "So many runs at most.")
  private @Nullable Long count;

  @Option(names = "--seconds", paramLabel = "N", description = "No run begins later than that.")
  private long seconds;

  @Option(
      names = "--processes",
      paramLabel = "N",
      defaultValue = "1",
      description = "So many processes share the work.")
  private int processes;

  @Option(
      names = "--size",
      paramLabel = "SIZE",
      converter = SizeWord.class,
      description = "small or large; else as the seed says.")
  private @Nullable Size size;

  @Option(
      names = "--without",
      paramLabel = "KIND",
      split = ",",
      completionCandidates = Kinds.class,
      description = "Leave out kinds of faults: ${COMPLETION-CANDIDATES}.")
  private String[] without = {};

  @Option(
      names = "--only",
      paramLabel = "FAULT",
      split = ",",
      description = "Only these faults, by their names, as server2:lostAfter:14; none: no fault.")
  private String @Nullable [] only;

  @Option(names = "--trace", description = "Print every event.")
  private boolean trace;

  @Option(names = "--shrink", description = "Look for the few faults that break the promise.")
  private boolean shrink;

  @Option(names = "--keep-going", description = "Go on after a broken promise.")
  private boolean keepGoing;

  @Option(names = "--help", usageHelp = true, description = "Print this.")
  private boolean help;

  private final long drawn = System.nanoTime() & 0xFFFFFFFFFFL;

  /// Throws [ParameterException] with a line that says what is wrong.
  static Options of(String... words) {
    Options options = new Options();
    CommandLine line = new CommandLine(options);
    line.parseArgs(words);
    options.check(line);
    return options;
  }

  private void check(CommandLine line) {
    if (processes < 1 || processes > PROCESSES_MAX) {
      throw new ParameterException(line, "--processes is from 1 to " + PROCESSES_MAX);
    }
    if (seconds < 0 || (count != null && count < 0)) {
      throw new ParameterException(line, "--count and --seconds are not negative");
    }
    for (String kind : without) {
      checkKind(line, "--without", kind);
    }
    for (String name : first().only() == null ? Set.<String>of() : first().only()) {
      checkKind(line, "--only", Faults.kindOf(name));
    }
  }

  private static void checkKind(CommandLine line, String option, String kind) {
    if (!Faults.kinds().contains(kind)) {
      throw new ParameterException(
          line,
          "%s knows no fault %s; there are %s"
              .formatted(option, kind, String.join(", ", Faults.kinds())));
    }
  }

  /// The first scenario; those that follow have the next seeds.
  Scenario first() {
    return new Scenario(
        seed == null ? drawn : seed,
        size,
        new TreeSet<>(Arrays.asList(without)),
        only == null ? null : names(only));
  }

  private static Set<String> names(String[] words) {
    return words.length == 1 && words[0].equals(NOTHING)
        ? Set.of()
        : new TreeSet<>(Arrays.asList(words));
  }

  /// Runs at most.
  long count() {
    if (count != null) {
      return count;
    }
    return seed != null && seconds == 0 ? 1 : Long.MAX_VALUE;
  }

  /// After which no run begins; 0: no end.
  long seconds() {
    return seconds;
  }

  int processes() {
    return processes;
  }

  boolean isTraced() {
    return trace;
  }

  boolean isShrunk() {
    return shrink;
  }

  boolean keepsGoing() {
    return keepGoing;
  }

  boolean wantsHelp() {
    return help;
  }

  /// What can be left out.
  private static final class Kinds implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Faults.kinds().iterator();
    }
  }

  /// `small` or `large`.
  private static final class SizeWord implements CommandLine.ITypeConverter<Size> {
    @Override
    public Size convert(String word) {
      return Size.of(word)
          .orElseThrow(
              () -> new CommandLine.TypeConversionException("it is small or large, not " + word));
    }
  }
}
