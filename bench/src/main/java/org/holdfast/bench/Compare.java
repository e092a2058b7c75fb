package org.holdfast.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Runs Holdfast, through a real server process on this machine, and the peers that are installed,
/// in turn on the same corpus; compares what each restores with the source; prints a table.
///
/// The programs take turns within a run, since a machine's figures move from hour to hour, and
/// ratios are those of one run.
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
      "WORK needs four times the room of the largest corpus (17 GB); with more of it,",
      "nothing is deleted before a corpus is done. Each takes part twice, and is compared",
      "with what has the same way to go:",
      "  holdfast, rest, ssh   Holdfast through its server with TLS, restic through",
      "                        its REST server with TLS, borg through ssh",
      "  alone, restic, borg   each into a folder, without a server",
      "Servers are started here and stopped again, an sshd among them, on ports of",
      "this machine; as root, sshd wants the folder /run/sshd. Holdfast has no command",
      "yet that verifies all data, and its server gives back what is deleted later,",
      "in the background."
    },
    footer = {
      "",
      "Examples:",
      "  bench/compare /var/tmp/bench",
      "  bench/compare /var/tmp/bench mixed --scale 100 --runs 1",
      "  bench/compare /var/tmp/bench large --programs holdfast,rest",
      "  bench/compare /var/tmp/bench --memory"
    })
public final class Compare implements Callable<Integer> {
  /// What a client may have resident at 300,000 files.
  private static final long CLIENT_PEAK_BYTES_MAX = 200_000_000;

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
      description = "Only Holdfast on tiny, once; exit code 1 if the client has over 200 MB.")
  private boolean memoryOnly;

  @Mixin private final Programs programs = new Programs();

  @Option(
      names = "--docs",
      paramLabel = "FILE",
      description = "Put the tables into that page too, and a picture of each corpus beside it.")
  private @Nullable Path docs;

  private final StringBuilder text = new StringBuilder();
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
    text.append(
        "%s, load %s at the start. Medians of %d runs, memory: the most of them.%n%n"
            .formatted(Report.machine(), load, runs));
    Attic attic = new Attic(work.resolve("done-with"));
    for (Corpus corpus : corpora) {
      compare(corpus, attic);
      attic.empty();
    }
    System.out.print(text);
    if (docs != null) {
      new MarkedPage(docs, "bench/compare").put(text.toString());
    }
    return failed ? 1 : 0;
  }

  private void compare(Corpus corpus, Attic attic) throws IOException, InterruptedException {
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
    for (Program each : memoryOnly ? programs.holdfast(log()) : programs.all(work, log())) {
      measured.put(each, new ArrayList<>());
    }
    for (int run = 1; run <= runs; run++) {
      for (var each : measured.entrySet()) {
        if (each.getKey().obstacle().isEmpty()) {
          say(
              "%s, run %d of %d: %s"
                  .formatted(corpus.name(scale), run, runs, each.getKey().name()));
          // A repository, and what is restored from it.
          attic.makeRoom(3 * size.bytes());
          measure(each.getKey(), source, run, attic).ifPresent(each.getValue()::add);
        }
      }
    }
    Report report = new Report(title);
    measured.forEach((program, all) -> add(report, program, all));
    text.append(report.markdown());
    if (docs != null) {
      text.append(picture(docs, corpus.name(scale), report));
    }
  }

  /// Writes it beside the page and answers the page's words that show it.
  private static String picture(Path page, String corpus, Report report) throws IOException {
    String name = page.getFileName().toString().replaceAll("\\.md$", "") + "-" + corpus + ".svg";
    Files.writeString(page.resolveSibling(name), report.picture());
    return "![Seconds of each stage over %s](%s)%n%n".formatted(corpus, name);
  }

  private void add(Report report, Program program, List<Report.Run> all) {
    if (all.isEmpty()) {
      String reason = "not measured: " + program.obstacle().orElse("it failed");
      say(program.name() + ": " + reason);
      report.addAbsent(program.title(), reason);
      return;
    }
    report.add(program.title(), program.kind(), all);
    double peak = Report.most(all, run -> run.of(Stage.FIRST).client().peakBytes());
    if (memoryOnly && peak > CLIENT_PEAK_BYTES_MAX) {
      say("the client has had more than 200 MB resident");
      failed = true;
    }
  }

  /// One run; empty if a step of it failed, which the others do not suffer from.
  private Optional<Report.Run> measure(Program program, Path source, int round, Attic attic)
      throws InterruptedException {
    try {
      Path folder = work.resolve(program.name());
      attic.take(folder);
      Files.createDirectories(folder);
      Path one = Folders.middle(source);
      Set<Stage> stages = memoryOnly ? MEMORY : EnumSet.allOf(Stage.class);
      Report.Run run;
      try (Programs.Setup setup = programs.setUp(program.kind(), folder, source, one, log())) {
        run = new Trial(folder, source, stages, attic, log()).run(round, setup);
      }
      attic.take(folder);
      say(run.line());
      return Optional.of(run);
    } catch (IOException e) {
      say("%s: %s".formatted(program.name(), e.getMessage()));
      failed = true;
      return Optional.empty();
    }
  }

  private Path log() {
    return work.resolve("compare.log");
  }

  private static void say(String line) {
    System.err.println(line);
  }
}
