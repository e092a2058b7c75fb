package org.holdfast.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.holdfast.core.HoldfastException;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Measures what the deletion of one archive costs, beside restic, and how much room a service
/// takes under daily backups with retention.
@CommandLine.Command(
    name = "bench/reclaim",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = {
      "delete  makes archives that differ by a part, and deletes some in the middle, one after the",
      "        other and in turn with `restic forget --prune`",
      "space   a backup and `retain` a day: bytes in the bucket against what lives, bytes moved",
      "        by cleaning against new ones; exit code 1 if there are too many",
      "",
      "Clients are processes; the server runs in this one, with a clock of which days are skipped.",
      "restic speaks to a restic-rest-server."
    },
    footer = {
      "",
      "Examples:",
      "  bench/reclaim /var/tmp/bench delete --archives 50 --percent 1",
      "  bench/reclaim /var/tmp/bench space --days 90 --keep 30 --percent 3"
    })
public final class Reclaim implements Callable<Integer> {
  private static final double SPACE_MAX = 1.25;
  private static final double MOVED_MAX = 1;

  @Parameters(index = "0", paramLabel = "WORK", description = "A folder; corpora stay in it.")
  private Path work = Path.of(".");

  @Parameters(index = "1", paramLabel = "delete|space", description = "What to measure.")
  private String what = "";

  @Option(names = "--archives", paramLabel = "N", description = "How many, for delete (50).")
  private int archives = 50;

  @Option(names = "--deletions", paramLabel = "N", description = "After the first (5).")
  private int deletions = 5;

  @Option(names = "--days", paramLabel = "N", description = "How many, for space (90).")
  private int days = 90;

  @Option(names = "--keep", paramLabel = "N", description = "Archives kept, for space (30).")
  private int keep = 30;

  @Option(names = "--percent", paramLabel = "N", description = "Changed from one to the next (1).")
  private int percent = 1;

  @Option(names = "--scale", paramLabel = "N", description = "An Nth of the corpus mixed (20).")
  private int scale = 20;

  @Option(names = "--holdfast", hidden = true, description = "The launcher.")
  private String holdfast = "holdfast";

  @Option(names = "--restic", paramLabel = "FILE", description = "Another restic than the PATH's.")
  private String restic = "restic";

  @Option(names = "--rest-server", paramLabel = "FILE", description = "Its server.")
  private String restServer = "restic-rest-server";

  public static void main(String... words) {
    System.exit(new CommandLine(new Reclaim()).execute(words));
  }

  @Override
  public Integer call() throws IOException, HoldfastException, InterruptedException {
    work = Files.createDirectories(work).toRealPath();
    Path corpus = Corpus.MIXED.in(work.resolve("corpora"), scale);
    say("%s, %s, %d %% change", Report.machine(), Corpus.MIXED.name(scale), percent);
    switch (what) {
      case "delete" -> {
        delete(corpus);
      }
      case "space" -> {
        return space(corpus) ? 0 : 1;
      }
      default -> throw new IOException("say delete or space, not " + what);
    }
    return 0;
  }

  /// Both at once, in turn: whatever else the machine does meets one as it meets the other.
  private void delete(Path corpus) throws IOException, HoldfastException, InterruptedException {
    Path folder = Folders.fresh(work.resolve("reclaim"));
    DailyTree tree = DailyTree.copy(corpus, work.resolve("daily"));
    try (CalendarServer server = CalendarServer.start(folder);
        ResticRepository peer = ResticRepository.start(work, restic, restServer)) {
      Command client = client(folder, server);
      long last = 0;
      for (int day = 1; day <= archives; day++) {
        last = backUp(client, folder, tree, day);
        peer.backUp(tree.folder(), day);
      }
      say("the last archive stored %s", bytes(last));
      server.nextDay();
      List<Command.Measured> ours = new ArrayList<>();
      List<Command.Measured> theirs = new ArrayList<>();
      for (int i = 0; i <= deletions; i++) {
        Command.Measured mine = delete(server, client, folder);
        Command.Measured other = peer.delete(archives - archives / 2 - i);
        if (i > 0) {
          ours.add(mine);
          theirs.add(other);
        }
      }
      server.nextDay();
      double seconds = Report.median(ours, Command.Measured::seconds);
      double processor = Report.median(ours, Command.Measured::processorSeconds);
      say(
          "median of %d after the first: holdfast %.2f s (%.2f of the processor), restic %.2f s"
              + " (%.2f): %.1f and %.1f times; `holdfast version`: %.2f s",
          deletions,
          seconds,
          processor,
          Report.median(theirs, Command.Measured::seconds),
          Report.median(theirs, Command.Measured::processorSeconds),
          Report.median(theirs, Command.Measured::seconds) / seconds,
          Report.median(theirs, Command.Measured::processorSeconds) / processor,
          client.run(folder, List.of(holdfast, "version")).seconds());
    }
  }

  private Command.Measured delete(CalendarServer server, Command client, Path folder)
      throws IOException, HoldfastException, InterruptedException {
    CalendarServer.Status before = server.status();
    long relayed = server.relayedBytes();
    Command.Measured deleted =
        client.run(folder, List.of(holdfast, "delete", "latest~" + archives / 2));
    CalendarServer.Status after = server.status();
    say(
        "holdfast delete: %.2f s, %.2f s of the processor, %s between client and server, bucket:"
            + " %d requests, %s read",
        deleted.seconds(),
        deleted.processorSeconds(),
        bytes(server.relayedBytes() - relayed),
        requests(after) - requests(before),
        bytes(grown("bucket_bytes_read", before, after)));
    return deleted;
  }

  private boolean space(Path corpus) throws IOException, HoldfastException, InterruptedException {
    Path folder = Folders.fresh(work.resolve("reclaim"));
    DailyTree tree = DailyTree.copy(corpus, work.resolve("daily"));
    double most = 0;
    long stored = 0;
    long moved = 0;
    try (CalendarServer server = CalendarServer.start(folder)) {
      Command client = client(folder, server);
      for (int day = 1; day <= days; day++) {
        long added = backUp(client, folder, tree, day);
        client.run(folder, List.of(holdfast, "retain", "-q", "--keep-last", "" + keep));
        CalendarServer.Status now = server.nextDay();
        double ratio = (double) server.bucketBytes() / now.get("live_bytes");
        most = Math.max(most, ratio);
        stored += added;
        moved = now.get("moved_bytes");
        say(
            "day %3d: bucket %s, live %s: %.3f; new %s, moved %s, segments cleaned %d, given back"
                + " %s",
            day,
            bytes(server.bucketBytes()),
            bytes(now.get("live_bytes")),
            ratio,
            bytes(stored),
            bytes(moved),
            now.get("cleaned_segments"),
            bytes(now.get("given_back_bytes")));
      }
    }
    say(
        "space at most %.3f times what lives (%.2f); %.3f bytes moved for each new one (%.0f)",
        most, SPACE_MAX, (double) moved / stored, MOVED_MAX);
    return most < SPACE_MAX && moved <= stored * MOVED_MAX;
  }

  private Command client(Path folder, CalendarServer server)
      throws IOException, InterruptedException {
    Command command =
        new Command(
            Map.of(
                "HOLDFAST_CONFIG", CalendarServer.config(folder).toString(),
                "HOLDFAST_KEYFILE", folder.resolve("key").toString(),
                "HOLDFAST_CACHE", folder.resolve("cache").toString()),
            work.resolve("reclaim.log"));
    command.run(folder, List.of(holdfast, "account", "open", "bench"));
    String invite = command.ask(folder, List.of(holdfast, "invite", "bench"));
    command.run(
        folder,
        List.of(
            holdfast,
            "init",
            "--service",
            server.address(),
            "--invite",
            invite,
            "--machine",
            "bench"));
    return command;
  }

  /// Answers how many bytes it has stored.
  private long backUp(Command client, Path folder, DailyTree tree, int day)
      throws IOException, InterruptedException {
    tree.change(day, percent);
    String said =
        client.ask(folder, List.of(holdfast, "backup", "--json", tree.folder().toString()));
    Matcher stored = Pattern.compile("\"bytes_stored\":(\\d+)").matcher(said);
    long bytes = -1;
    while (stored.find()) {
      bytes = Long.parseLong(stored.group(1));
    }
    if (bytes < 0) {
      throw new IOException("a backup does not say what it has stored: " + said);
    }
    return bytes;
  }

  private static long requests(CalendarServer.Status status) {
    return Stream.of("bucket_gets", "bucket_puts", "bucket_lists", "bucket_deletes")
        .mapToLong(status::get)
        .sum();
  }

  private static long grown(
      String name, CalendarServer.Status before, CalendarServer.Status after) {
    return after.get(name) - before.get(name);
  }

  static String bytes(long count) {
    return String.format(Locale.ROOT, "%.2f MB", count / 1e6);
  }

  static void say(String format, Object... values) {
    System.out.printf(Locale.ROOT, format + "%n", values);
  }
}
