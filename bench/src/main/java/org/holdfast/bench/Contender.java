package org.holdfast.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A backup program in the comparison, with its commands. All of them keep full paths, so that a
/// restore makes the source's path below the folder it is run in.
///
/// @param stages how it does each; what it cannot do is not there
/// @param repository what is measured for bytes stored
record Contender(
    Map<String, String> environment,
    List<List<String>> init,
    Map<Stage, List<String>> stages,
    Path repository) {
  Contender {
    environment = Map.copyOf(environment);
  }

  /// Where restores are run, and what they fill.
  static Path restored(Path work) {
    return work.resolve("restored");
  }

  /// Into a local folder.
  static Contender restic(String program, Path work, Path corpus, Path one) {
    Path repository = work.resolve("repository");
    return restic(List.of(program, "-q", "-r", repository.toString()), work, corpus, one);
  }

  /// Through its REST server with TLS.
  static Contender rest(String program, RestServer server, Path work, Path corpus, Path one) {
    String trusted = server.certificate().toString();
    return restic(
        List.of(program, "-q", "--cacert", trusted, "-r", server.url()), work, corpus, one);
  }

  private static Contender restic(List<String> base, Path work, Path corpus, Path one) {
    List<String> backup = with(base, "backup", corpus.toString());
    String target = restored(work).toString();
    Map<Stage, List<String>> stages = backups(backup, backup, backup);
    stages.put(Stage.LIST, with(base, "ls", "latest"));
    stages.put(Stage.RESTORE, with(base, "restore", "latest", "--target", target));
    stages.put(
        Stage.ONE,
        with(base, "restore", "latest", "--target", target, "--include", one.toString()));
    stages.put(Stage.VERIFY, with(base, "check", "--read-data"));
    stages.put(Stage.DELETE, with(base, "forget", "--keep-last", "2", "--prune"));
    return new Contender(
        Map.of("RESTIC_PASSWORD", "pw", "RESTIC_CACHE_DIR", work.resolve("cache").toString()),
        List.of(with(base, "init")),
        stages,
        work.resolve("repository"));
  }

  /// Into a local folder.
  static Contender borg(String program, Path work, Path corpus, Path one) {
    return borg(program, work.resolve("repository").toString(), Map.of(), work, corpus, one);
  }

  /// Through ssh.
  ///
  /// @param remote the program as the other side finds it
  static Contender ssh(
      String program, SshServer server, Path remote, Path work, Path corpus, Path one) {
    Map<String, String> more =
        Map.of("BORG_RSH", server.clientCommand(), "BORG_REMOTE_PATH", remote.toString());
    return borg(program, server.url(work.resolve("repository")), more, work, corpus, one);
  }

  /// A restore asks first which archive is the last: its names are times.
  private static Contender borg(
      String program,
      String repository,
      Map<String, String> more,
      Path work,
      Path corpus,
      Path one) {
    List<String> backup =
        List.of(program, "create", "-C", "lz4", repository + "::{utcnow:%f}", corpus.toString());
    Map<Stage, List<String>> stages = backups(backup, backup, backup);
    String last = "\"$1::$(\"$0\" list --last 1 --short \"$1\")\"";
    String extract = "exec \"$0\" extract " + last;
    stages.put(Stage.LIST, shell("exec \"$0\" list " + last, program, repository));
    stages.put(Stage.RESTORE, shell(extract, program, repository));
    String relative = one.getRoot().relativize(one).toString();
    stages.put(Stage.ONE, shell(extract + " \"$2\"", program, repository, relative));
    stages.put(Stage.VERIFY, List.of(program, "check", "--verify-data", repository));
    stages.put(
        Stage.DELETE,
        shell(
            "\"$0\" delete \"$1::$(\"$0\" list --first 1 --short \"$1\")\""
                + " && exec \"$0\" compact \"$1\"",
            program,
            repository));
    Map<String, String> environment = new HashMap<>(more);
    environment.put("BORG_PASSPHRASE", "pw");
    environment.put("BORG_BASE_DIR", work.resolve("base").toString());
    environment.put("BORG_RELOCATED_REPO_ACCESS_IS_OK", "yes");
    return new Contender(
        environment,
        List.of(List.of(program, "init", "-e", "repokey", repository)),
        stages,
        work.resolve("repository"));
  }

  /// Through a server process with TLS.
  static Contender holdfast(Server server, Path work, Path corpus, Path one)
      throws IOException, InterruptedException {
    String program = server.program();
    List<String> init =
        List.of(
            program,
            "init",
            "--service",
            server.address(),
            "--invite",
            server.invite("bench"),
            "--machine",
            "bench");
    return holdfast(program, work, corpus, one, init);
  }

  /// Into a folder, without a server.
  static Contender alone(String program, Path work, Path corpus, Path one) {
    String service = "dir:" + work.resolve("bucket");
    return holdfast(
        program,
        work,
        corpus,
        one,
        List.of(program, "init", "--service", service, "--machine", "bench"));
  }

  private static Contender holdfast(
      String program, Path work, Path corpus, Path one, List<String> init) {
    String target = restored(work).toString();
    List<String> backup = List.of(program, "backup", "-q", "--name");
    Map<Stage, List<String>> stages =
        backups(
            with(backup, "first", corpus.toString()),
            with(backup, "unchanged", corpus.toString()),
            with(backup, "changed", corpus.toString()));
    stages.put(Stage.LIST, List.of(program, "ls", "latest"));
    stages.put(Stage.RESTORE, List.of(program, "restore", "-q", "latest", "--target", target));
    stages.put(Stage.ONE, List.of(program, "restore", "-q", "latest:" + one, "--target", target));
    stages.put(Stage.DELETE, List.of(program, "delete", "-q", "first"));
    return new Contender(
        Map.of(
            "HOLDFAST_KEYFILE", work.resolve("key").toString(),
            "HOLDFAST_CACHE", work.resolve("cache").toString()),
        List.of(init),
        stages,
        work.resolve("bucket"));
  }

  private static Map<Stage, List<String>> backups(
      List<String> first, List<String> unchanged, List<String> changed) {
    Map<Stage, List<String>> stages = new EnumMap<>(Stage.class);
    stages.put(Stage.FIRST, first);
    stages.put(Stage.UNCHANGED, unchanged);
    stages.put(Stage.CHANGED, changed);
    return stages;
  }

  private static List<String> shell(String script, String... arguments) {
    return with(List.of("sh", "-c", script), arguments);
  }

  private static List<String> with(List<String> base, String... more) {
    return Stream.concat(base.stream(), Stream.of(more)).toList();
  }
}
