package org.holdfast.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Runs Holdfast, through a real server process on this machine, and the peers that are installed,
/// in turn on the same corpus; compares what each restores with the source; prints a table.
///
/// A run is: make the repository, then each [Stage] in turn; what is restored is compared with the
/// source. The programs take turns within a run, since a machine's figures move from hour to hour,
/// and ratios are those of one run; before each stage the corpus is in the page cache and nothing
/// waits to be written to the disk.
@CommandLine.Command(
    name = "bench/compare",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = {
      "Compares Holdfast with restic and borg, where they are installed, and prints a table.",
      "",
      "Corpora:",
      "  mixed  100,000 small and middle files, 1.7 GB",
      "  large  16 files, 4 GiB that do not compress",
      "  tiny   300,000 files of about 1 KiB",
      "WORK needs three times the room of the largest corpus (13 GB). Holdfast takes part twice:",
      "through a server with TLS, and with a folder (`dir:`) and no server. It has no command yet",
      "that verifies all data, and a server gives back what is deleted later, in the background."
    },
    footer = {
      "",
      "Examples:",
      "  bench/compare /var/tmp/bench                      all corpora, three runs each",
      "  bench/compare /var/tmp/bench mixed --scale 100 --runs 1    a minute, to see it work",
      "  bench/compare /var/tmp/bench --memory             the client's memory at 300,000 files"
    })
public final class Compare implements Callable<Integer> {
  /// What a client may have resident at 300,000 files.
  private static final long CLIENT_PEAK_BYTES_MAX = 256_000_000;

  /// Where a client has most.
  private static final Set<Stage> MEMORY = EnumSet.of(Stage.FIRST, Stage.UNCHANGED, Stage.RESTORE);

  @Parameters(index = "0", paramLabel = "WORK", description = "A folder; corpora stay in it.")
  private Path work = Path.of(".");

  @Parameters(index = "1..*", arity = "0..*", paramLabel = "CORPUS", description = "Else all.")
  private List<Corpus> corpora = List.of(Corpus.values());

  @Option(names = "--runs", paramLabel = "N", description = "Runs of each (3).")
  private int runs = 3;

  @Option(names = "--scale", paramLabel = "N", description = "An Nth of each corpus (1).")
  private int scale = 1;

  @Option(
      names = "--memory",
      description = "Only Holdfast on tiny, once; exit code 1 if the client has over 256 MB.")
  private boolean memoryOnly;

  @Option(names = "--holdfast", hidden = true, description = "The launcher.")
  private String holdfast = "holdfast";

  @Option(names = "--restic", paramLabel = "FILE", description = "Another restic than the PATH's.")
  private String restic = "restic";

  @Option(names = "--borg", paramLabel = "FILE", description = "Another borg than the PATH's.")
  private String borg = "borg";

  @Option(names = "--docs", paramLabel = "FILE", description = "Put the tables into that page too.")
  private @Nullable Path docs;

  private final Report report = new Report();
  private boolean failed;

  public static void main(String... words) {
    CommandLine line = new CommandLine(new Compare()).setCaseInsensitiveEnumValuesAllowed(true);
    System.exit(line.execute(words));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    String load = Report.load();
    work = Files.createDirectories(work).toRealPath();
    if (memoryOnly) {
      runs = 1;
      corpora = List.of(Corpus.TINY);
    }
    for (Corpus corpus : corpora) {
      compare(corpus);
    }
    String text =
        "%s, load %s at the start. Medians of %d runs, memory: the most of them.%n%n%s"
            .formatted(Report.machine(), load, runs, report.markdown());
    System.out.print(text);
    if (docs != null) {
      new MarkedPage(docs, "bench/compare").put(text);
    }
    return failed ? 1 : 0;
  }

  private void compare(Corpus corpus) throws IOException, InterruptedException {
    say("making " + corpus.name(scale));
    Path source = corpus.in(work.resolve("corpora"), scale);
    Folders.Size size = Folders.size(source);
    String title =
        String.format(
            Locale.ROOT,
            "%s: %,d files, %,d MB",
            corpus.name(scale),
            size.files(),
            size.bytes() / 1_000_000);
    Map<Program, List<Report.Run>> measured = new LinkedHashMap<>();
    programs().forEach(program -> measured.put(program, new ArrayList<>()));
    for (int run = 1; run <= runs; run++) {
      for (var each : measured.entrySet()) {
        if (each.getKey().version().isPresent()) {
          say(
              "%s, run %d of %d: %s"
                  .formatted(corpus.name(scale), run, runs, each.getKey().name()));
          measure(each.getKey(), source, run).ifPresent(each.getValue()::add);
        }
      }
    }
    measured.forEach(this::report);
    report.endCorpus(title);
  }

  private List<Program> programs() throws InterruptedException {
    List<Program> programs = new ArrayList<>();
    programs.add(Program.of(Kind.HOLDFAST, holdfast, log()));
    if (!memoryOnly) {
      programs.add(Program.of(Kind.ALONE, holdfast, log()));
      programs.add(Program.of(Kind.RESTIC, restic, log()));
      programs.add(Program.of(Kind.BORG, borg, log()));
    }
    return programs;
  }

  private void report(Program program, List<Report.Run> all) {
    if (all.isEmpty()) {
      String reason = program.version().isPresent() ? "failed" : "not installed";
      say(program.name() + ": " + reason);
      report.addAbsent(program.title(), reason);
      return;
    }
    report.add(program.title(), program.kind.isPeer(), all);
    double peak = Report.most(all, run -> run.of(Stage.FIRST).peakBytes());
    if (memoryOnly && peak > CLIENT_PEAK_BYTES_MAX) {
      say("the client has had more than 256 MB resident");
      failed = true;
    }
  }

  /// One run; empty if a step of it failed, which the others do not suffer from.
  private Optional<Report.Run> measure(Program program, Path source, int round)
      throws InterruptedException {
    try {
      Path folder = Folders.fresh(work.resolve(program.name()));
      Report.Run run = measure(program, folder, source, round);
      Folders.delete(folder);
      return Optional.of(run);
    } catch (IOException e) {
      say("%s: %s".formatted(program.name(), e.getMessage()));
      failed = true;
      return Optional.empty();
    }
  }

  private Report.Run measure(Program program, Path folder, Path source, int round)
      throws IOException, InterruptedException {
    Path one = Folders.middle(source);
    String file = program.file;
    return switch (program.kind) {
      case RESTIC ->
          stages(Contender.restic(file, folder, source, one), folder, source, round, null);
      case BORG -> stages(Contender.borg(file, folder, source, one), folder, source, round, null);
      case ALONE -> stages(Contender.alone(file, folder, source, one), folder, source, round, null);
      case HOLDFAST -> {
        try (Server server = Server.start(file, folder, log())) {
          Contender contender =
              Contender.holdfast(
                  file, folder, source, one, server.address(), server.invite("bench"));
          yield stages(contender, folder, source, round, server);
        }
      }
    };
  }

  private Report.Run stages(
      Contender contender, Path folder, Path source, int round, @Nullable Server server)
      throws IOException, InterruptedException {
    Command command = new Command(contender.environment(), log());
    for (List<String> init : contender.init()) {
      command.run(folder, init);
    }
    Map<Stage, Command.Measured> measured = new EnumMap<>(Stage.class);
    long stored = 0;
    TreeChange change = null;
    try {
      for (Stage stage : Stage.values()) {
        List<String> words = contender.stages().get(stage);
        if (words == null || (memoryOnly && !MEMORY.contains(stage))) {
          continue;
        }
        if (stage == Stage.CHANGED) {
          change = TreeChange.of(source);
        }
        Path restored = Folders.fresh(Contender.restored(folder));
        settle(source);
        measured.put(stage, command.run(stage.restores() ? restored : folder, words));
        if (stage == Stage.FIRST) {
          stored = Folders.size(contender.repository()).bytes();
        }
        if (stage == Stage.RESTORE) {
          Folders.compare(source, restored.resolve(source.getRoot().relativize(source).toString()));
        }
        if (stage == Stage.ONE && Folders.size(restored).files() != 1) {
          throw new IOException(restored + " does not hold the one file that was asked for");
        }
      }
    } finally {
      if (change != null) {
        change.close();
      }
    }
    return new Report.Run(round, measured, stored, server == null ? 0 : server.peakBytes());
  }

  /// So that a step pays for what it does itself.
  private void settle(Path source) throws IOException, InterruptedException {
    new Command(Map.of(), log()).run(work, List.of("sync"));
    Folders.warm(source);
  }

  private Path log() {
    return work.resolve("compare.log");
  }

  private static void say(String line) {
    System.err.println(line);
  }

  /// Whose commands a program understands, and where it stores.
  private enum Kind {
    HOLDFAST,
    ALONE,
    RESTIC,
    BORG;

    boolean isPeer() {
      return this == RESTIC || this == BORG;
    }
  }

  /// A program to compare.
  ///
  /// @param version its name and version; empty if it cannot be run
  private record Program(Kind kind, String file, Optional<String> version) {
    String name() {
      return kind.name().toLowerCase(Locale.ROOT);
    }

    /// As a table calls it.
    String title() {
      return version.orElse(name()) + (kind == Kind.ALONE ? ", dir:" : "");
    }

    static Program of(Kind kind, String file, Path log) throws InterruptedException {
      String question = kind == Kind.BORG ? "--version" : "version";
      return new Program(kind, file, Contender.version(file, question, log));
    }
  }
}
