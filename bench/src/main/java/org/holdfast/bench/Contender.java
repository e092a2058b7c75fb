package org.holdfast.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// A backup program in the comparison, with its commands. All of them keep full paths, so that a
/// restore makes the source's path below the folder it is run in.
///
/// @param repository what is measured for bytes stored
record Contender(
    Map<String, String> environment,
    List<List<String>> init,
    List<String> backup,
    List<String> restore,
    Path repository) {
  /// Where the restore is run, and what it fills.
  static Path restored(Path work) {
    return work.resolve("restored");
  }

  static Contender restic(String program, Path work, Path corpus) {
    Path repository = work.resolve("repository");
    List<String> base = List.of(program, "-q", "-r", repository.toString());
    return new Contender(
        Map.of("RESTIC_PASSWORD", "pw", "RESTIC_CACHE_DIR", work.resolve("cache").toString()),
        List.of(with(base, "init")),
        with(base, "backup", corpus.toString()),
        with(base, "restore", "latest", "--target", restored(work).toString()),
        repository);
  }

  /// The restore asks first which archive is the last: its names are times.
  static Contender borg(String program, Path work, Path corpus) {
    String repository = work.resolve("repository").toString();
    return new Contender(
        Map.of(
            "BORG_PASSPHRASE", "pw",
            "BORG_BASE_DIR", work.resolve("base").toString(),
            "BORG_RELOCATED_REPO_ACCESS_IS_OK", "yes"),
        List.of(List.of(program, "init", "-e", "repokey", repository)),
        List.of(program, "create", "-C", "lz4", repository + "::{utcnow:%f}", corpus.toString()),
        List.of(
            "sh",
            "-c",
            "exec \"$0\" extract \"$1::$(\"$0\" list --last 1 --short \"$1\")\"",
            program,
            repository),
        work.resolve("repository"));
  }

  /// Through a server process with TLS; the server is the caller's to start.
  static Contender holdfast(String program, Path work, Path corpus, String address, String invite) {
    return new Contender(
        Map.of(
            "HOLDFAST_KEYFILE", work.resolve("key").toString(),
            "HOLDFAST_CACHE", work.resolve("cache").toString()),
        List.of(
            List.of(
                program, "init", "--service", address, "--invite", invite, "--machine", "bench")),
        List.of(program, "backup", "-q", corpus.toString()),
        List.of(program, "restore", "-q", "latest", "--target", restored(work).toString()),
        work.resolve("bucket"));
  }

  private static List<String> with(List<String> base, String... more) {
    return Stream.concat(base.stream(), Stream.of(more)).toList();
  }

  /// Its name and version; empty if it cannot be run.
  static Optional<String> version(String program, String question, Path log)
      throws InterruptedException {
    try {
      String answer = new Command(Map.of(), log).ask(Path.of("."), List.of(program, question));
      return Optional.of(answer.replaceAll("(\\S+ \\S+).*", "$1"));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
