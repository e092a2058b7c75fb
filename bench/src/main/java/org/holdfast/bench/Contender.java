package org.holdfast.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A backup program in the comparison, with its commands.
///
/// `init` may be several commands; the others are one each.
///
/// @param repository what is measured for bytes stored
/// @param folder where the restore is run
record Contender(
    String name,
    Map<String, String> environment,
    List<List<String>> init,
    List<String> backup,
    List<String> restore,
    Path repository,
    Path folder) {
  static Contender restic(String program, Path work, Path corpus) {
    Path repository = work.resolve("repository");
    List<String> base = List.of(program, "-q", "-r", repository.toString());
    return new Contender(
        "restic",
        Map.of("RESTIC_PASSWORD", "pw", "RESTIC_CACHE_DIR", work.resolve("cache").toString()),
        List.of(with(base, "init")),
        with(base, "backup", corpus.toString()),
        with(base, "restore", "latest", "--target", work.resolve("restored").toString()),
        repository,
        work.resolve("restored"));
  }

  static Contender borg(Path work, Path corpus) {
    Path repository = work.resolve("repository");
    return new Contender(
        "borg",
        Map.of(
            "BORG_PASSPHRASE", "pw",
            "BORG_BASE_DIR", work.resolve("base").toString(),
            "BORG_RELOCATED_REPO_ACCESS_IS_OK", "yes"),
        List.of(List.of("borg", "init", "-e", "repokey", repository.toString())),
        List.of("borg", "create", "-C", "lz4", repository + "::{utcnow}", corpus.toString()),
        List.of(
            "sh",
            "-c",
            "exec borg extract "
                + repository
                + "::$(borg list --last 1 --short "
                + repository
                + ")"),
        repository,
        work.resolve("restored"));
  }

  /// Through a server process with TLS; the server is the caller's to start.
  static Contender holdfast(Path launcher, Path work, Path corpus, String address, String invite) {
    Path key = work.resolve("key");
    List<String> base = List.of(launcher.toString());
    return new Contender(
        "holdfast",
        Map.of(
            "HOLDFAST_KEYFILE", key.toString(),
            "HOLDFAST_CACHE", work.resolve("cache").toString()),
        List.of(with(base, "init", "--service", address, "--invite", invite, "--machine", "bench")),
        with(base, "backup", "-q", corpus.toString()),
        with(base, "restore", "-q", "latest", "--target", work.resolve("restored").toString()),
        work.resolve("bucket"),
        work.resolve("restored"));
  }

  private static List<String> with(List<String> base, String... more) {
    List<String> words = new java.util.ArrayList<>(base);
    words.addAll(List.of(more));
    return List.copyOf(words);
  }

  static boolean isInstalled(String program) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(program, program.equals("borg") ? "--version" : "version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
