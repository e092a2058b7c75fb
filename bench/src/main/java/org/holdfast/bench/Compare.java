package org.holdfast.bench;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Runs Holdfast, through a real server process on this machine, and the peers that are installed,
/// in turn on the same corpus, and prints a table: first backup, unchanged backup, restore, bytes
/// stored, peak memory.
///
/// `compare WORK LAUNCHER CORPUS...`, with 20 GB free in WORK. Figures move from hour to hour:
/// compare within a table, not between tables.
public final class Compare {
  private final Path work;
  private final Path launcher;
  private final Path log;

  private Compare(Path work, Path launcher) {
    this.work = work;
    this.launcher = launcher;
    this.log = work.resolve("compare.log");
  }

  public static void main(String[] words) throws Exception {
    if (words.length < 3) {
      System.err.println("usage: compare WORK LAUNCHER CORPUS...   (corpora: mixed large tiny)");
      System.exit(1);
    }
    Path work = Path.of(words[0]).toAbsolutePath();
    Files.createDirectories(work);
    Compare compare = new Compare(work, Path.of(words[1]).toAbsolutePath());
    System.out.println(
        "| corpus | program | first backup, s | unchanged, s | restore, s | stored, MB | peak"
            + " backup, MiB | peak restore, MiB |");
    System.out.println("|---|---|---|---|---|---|---|---|");
    for (String name : List.of(words).subList(2, words.length)) {
      compare.corpus(Corpus.valueOf(name.toUpperCase(Locale.ROOT)));
    }
  }

  private void corpus(Corpus corpus) throws Exception {
    Path source = corpus.in(work.resolve("corpora"));
    holdfast(corpus, source);
    String restic = System.getenv().getOrDefault("RESTIC", "restic");
    if (Contender.isInstalled(restic)) {
      measure(corpus, source, Contender.restic(restic, fresh("restic"), source));
    }
    if (Contender.isInstalled("borg")) {
      measure(corpus, source, Contender.borg(fresh("borg"), source));
    }
  }

  private void holdfast(Corpus corpus, Path source) throws Exception {
    Path folder = fresh("holdfast");
    Path config = folder.resolve("server.conf");
    Path port = folder.resolve("port");
    Files.writeString(
        config, "bucket = dir:bucket\nstate = state\nsecrets = secrets\nlisten = 127.0.0.1:0\n");
    Command command = new Command(Map.of(), log);
    Process server =
        command.start(
            folder,
            List.of(
                launcher.toString(),
                "serve",
                "--config",
                config.toString(),
                "--port-file",
                port.toString()));
    try {
      for (int i = 0; !Files.exists(port) && server.isAlive() && i < 600; i++) {
        server.waitFor(100, TimeUnit.MILLISECONDS);
      }
      operate(folder, "account", "open", "bench");
      String invite = operate(folder, "invite", "bench").strip();
      String address = "127.0.0.1:" + Files.readString(port).strip();
      measure(corpus, source, Contender.holdfast(launcher, folder, source, address, invite));
      System.out.printf(
          Locale.ROOT,
          "| | (its server) | | | | | %d | |%n",
          Command.residentPeakKib(server.pid()) / 1024);
    } finally {
      server.destroy();
      server.waitFor();
    }
  }

  private String operate(Path folder, String... words) throws Exception {
    List<String> all = new ArrayList<>(List.of(launcher.toString()));
    all.addAll(List.of(words));
    all.addAll(List.of("--config", folder.resolve("server.conf").toString()));
    Process process =
        new ProcessBuilder(all).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String output =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(all + " failed");
    }
    return output;
  }

  private void measure(Corpus corpus, Path source, Contender contender) throws Exception {
    Command command = new Command(contender.environment(), log);
    for (List<String> init : contender.init()) {
      command.run(work, init);
    }
    warm(source);
    Command.Measured first = command.run(work, contender.backup());
    Command.Measured unchanged = command.run(work, contender.backup());
    Files.createDirectories(contender.folder());
    Command.Measured restore = command.run(contender.folder(), contender.restore());
    System.out.printf(
        Locale.ROOT,
        "| %s | %s | %.1f | %.1f | %.1f | %d | %d | %d |%n",
        corpus.name().toLowerCase(Locale.ROOT),
        contender.name(),
        first.seconds(),
        unchanged.seconds(),
        restore.seconds(),
        size(contender.repository()) / 1_000_000,
        first.peakMib(),
        restore.peakMib());
    delete(contender.folder());
    delete(contender.repository());
  }

  /// Reads everything once, so that no program pays for the disk.
  private static void warm(Path folder) throws IOException {
    byte[] buffer = new byte[1 << 20];
    try (var files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        try (var in = Files.newInputStream(file)) {
          while (in.read(buffer) >= 0) {}
        }
      }
    }
  }

  private static long size(Path folder) throws IOException {
    long[] sum = {0};
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            sum[0] += attributes.size();
            return FileVisitResult.CONTINUE;
          }
        });
    return sum[0];
  }

  private Path fresh(String name) throws IOException {
    Path folder = work.resolve(name);
    delete(folder);
    return Files.createDirectories(folder);
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
