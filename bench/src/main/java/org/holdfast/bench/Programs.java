package org.holdfast.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The programs of the comparison, as the command line names them, and how each is set up.
final class Programs {
  @Option(
      names = "--programs",
      split = ",",
      paramLabel = "PROGRAM",
      description = "Of holdfast, rest, ssh, alone, restic and borg. Else all.")
  private List<Kind> kinds = List.of(Kind.values());

  @Option(names = "--holdfast", hidden = true, description = "The launcher.")
  private String holdfast = "holdfast";

  @Option(names = "--restic", paramLabel = "FILE", description = "Another restic than the PATH's.")
  private String restic = "restic";

  @Option(names = "--borg", paramLabel = "FILE", description = "Another borg than the PATH's.")
  private String borg = "borg";

  @Option(
      names = "--rest-server",
      paramLabel = "FILE",
      description = "Another rest-server or restic-rest-server than the PATH's.")
  private String restServer = "";

  @Option(names = "--sshd", paramLabel = "FILE", description = "Another than /usr/sbin/sshd.")
  private String sshd = "/usr/sbin/sshd";

  /// Those that were asked for, here or not.
  List<Program> all(Path work, Path log) throws IOException, InterruptedException {
    List<Program> programs = new ArrayList<>();
    for (Kind kind : kinds) {
      Program program = Program.of(kind, file(kind), log);
      programs.add(
          switch (kind) {
            case REST -> program.unless(absence(restServer()));
            case SSH -> program.unless(SshServer.obstacle(sshd, work.resolve("sshd"), log));
            case HOLDFAST, ALONE, RESTIC, BORG -> program;
          });
    }
    return programs;
  }

  /// Only Holdfast through its server.
  List<Program> holdfast(Path log) throws InterruptedException {
    return List.of(Program.of(Kind.HOLDFAST, holdfast, log));
  }

  private String file(Kind kind) {
    return switch (kind) {
      case HOLDFAST, ALONE -> holdfast;
      case RESTIC, REST -> restic;
      case BORG, SSH -> borg;
    };
  }

  private static Optional<String> absence(Optional<Path> server) {
    return server.isPresent() ? Optional.empty() : Optional.of("no rest-server is installed");
  }

  private Optional<Path> restServer() {
    Stream<String> names =
        restServer.isEmpty()
            ? Stream.of("rest-server", "restic-rest-server")
            : Stream.of(restServer);
    return names.flatMap(name -> find(name).stream()).findFirst();
  }

  /// Where the shell would find it.
  private static Optional<Path> find(String program) {
    if (program.contains("/")) {
      return Optional.of(Path.of(program).toAbsolutePath()).filter(Files::isExecutable);
    }
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
        .map(folder -> Path.of(folder).resolve(program).toAbsolutePath())
        .filter(Files::isExecutable)
        .findFirst();
  }

  /// Starts its server, if it has one, and says how its client is asked for what.
  ///
  /// @param one the file to restore alone
  Setup setUp(Kind kind, Path folder, Path source, Path one, Path log)
      throws IOException, InterruptedException {
    Path repository = folder.resolve("repository");
    return switch (kind) {
      case ALONE -> new Setup(Contender.alone(holdfast, folder, source, one), null);
      case RESTIC -> new Setup(Contender.restic(restic, folder, source, one), null);
      case BORG -> new Setup(Contender.borg(borg, folder, source, one), null);
      case HOLDFAST -> {
        Server server = Server.start(holdfast, folder, log);
        yield new Setup(Contender.holdfast(server, folder, source, one), server);
      }
      case REST -> {
        String program = restServer().orElseThrow().toString();
        RestServer server = RestServer.start(program, folder, repository, log);
        yield new Setup(Contender.rest(restic, server, folder, source, one), server);
      }
      case SSH -> {
        Path remote = find(borg).orElseThrow();
        SshServer server = SshServer.start(sshd, folder, folder.resolve("remote"), log);
        yield new Setup(Contender.ssh(borg, server, remote, folder, source, one), server);
      }
    };
  }

  /// A program's commands, and the server that they need.
  record Setup(Contender contender, @Nullable Service service) implements AutoCloseable {
    @Override
    public void close() {
      if (service != null) {
        service.close();
      }
    }
  }
}
