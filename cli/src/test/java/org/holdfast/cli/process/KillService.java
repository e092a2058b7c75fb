package org.holdfast.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// One bucket and two places for a server, of which one serves; each has a state folder and a
/// config of its own. Clients reach whichever serves through a [KillRelay].
///
/// A server that was ended otherwise than by SIGKILL must have ended well, and none may show a
/// stack trace.
final class KillService implements AutoCloseable {
  private static final long READY_SECONDS = 180;

  private final Path home;
  private final Program program;
  private final KillRelay relay;
  private final Place[] places = {new Place(0), new Place(1)};
  private Place serving = places[0];

  /// `program` may use the bucket, whose address is given.
  KillService(Path home, Program program, String bucket) throws IOException {
    this.home = home;
    this.program = program.javaOptions(Program.LONG_RUN, "-Xmx768m");
    this.relay = KillRelay.start();
    for (Place place : places) {
      Files.writeString(
          place.config(),
          """
          bucket = %s
          state = state%d
          secrets = service.secrets
          listen = 127.0.0.1:0
          store-memory = 96
          fetch-memory = 96
          sessions = 100
          """
              .formatted(bucket, place.number));
    }
  }

  KillRelay relay() {
    return relay;
  }

  /// Starts the server that is to serve and waits until it does.
  void start() throws Exception {
    begin();
    ready();
  }

  /// Starts it, without waiting.
  Program.Running begin() throws IOException {
    Files.deleteIfExists(serving.portFile());
    serving.running =
        program.start(
            "serve",
            "--config",
            serving.config().toString(),
            "--port-file",
            serving.portFile().toString());
    return serving.running;
  }

  private void ready() throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS);
    serving.running.until(() -> {
      assertThat(System.nanoTime()).as("a server is ready in time").isLessThan(end);
      return Files.exists(serving.portFile());
    });
    relay.lead(Integer.parseInt(Files.readString(serving.portFile()).strip()));
  }

  boolean isRunning() {
    return serving.running != null && serving.running.process().isAlive();
  }

  /// The state folder of whatever serves.
  Path state() {
    return serving.state();
  }

  /// The config of whatever serves.
  Path config() {
    return serving.config();
  }

  /// The process that serves.
  Program.Running server() {
    return serving.running;
  }

  /// Another server takes over while this one goes on, or is paused. Returns the one that served.
  Program.Running takeOver() throws Exception {
    Program.Running before = serving.running;
    serving = places[1 - serving.number];
    start();
    return before;
  }

  /// SIGKILL, to whatever serves.
  void kill() throws Exception {
    if (serving.running != null) {
      serving.running.process().destroyForcibly().waitFor();
      checkEnded(serving.running, false);
      serving.running = null;
    }
  }

  /// SIGTERM, and it stops cleanly.
  void stop() throws Exception {
    serving.running.signal("TERM");
    awaitStop(serving.running);
    serving.running = null;
  }

  /// Of a server that has been told to stop.
  static void awaitStop(Program.Running server) throws Exception {
    assertThat(server.process().waitFor(90, TimeUnit.SECONDS))
        .as("a server stops: %s", server.err())
        .isTrue();
    checkEnded(server, true);
  }

  static void checkEnded(Program.Running server, boolean endsWell) {
    if (endsWell) {
      assertThat(server.process().exitValue()).as("exit code; see %s", server.err()).isZero();
    }
    assertThat(server.errors())
        .as(server.err().toString())
        .noneMatch(line -> line.startsWith("\tat ") || line.contains("defect"));
  }

  /// Something happens to the disk of the server, which does not run.
  String disturbDisk(SplittableRandom random) throws Exception {
    return switch (random.nextInt(8)) {
      case 0 -> {
        KillMachine.delete(serving.state());
        yield "disk lost";
      }
      case 1 -> rebuild(random, true);
      case 2 -> rebuild(random, false);
      case 3 -> {
        // What is kept is as old as the last time that this was drawn.
        if (Files.exists(serving.old())) {
          KillMachine.delete(serving.state());
          copy(serving.old(), serving.state());
          yield "old disk";
        }
        yield keep();
      }
      case 4 -> keep();
      default -> "";
    };
  }

  private String keep() throws IOException {
    KillMachine.delete(serving.old());
    if (Files.exists(serving.state())) {
      copy(serving.state(), serving.old());
    }
    return "";
  }

  /// As an operator does, sometimes killed in the middle of it and repeated.
  private String rebuild(SplittableRandom random, boolean isEmpty) throws Exception {
    if (isEmpty) {
      KillMachine.delete(serving.state());
    }
    String[] words = {"rebuild", "--quiet", "--config", serving.config().toString()};
    boolean isKilled = random.nextBoolean();
    if (isKilled) {
      Program.Running rebuild = program.start(words);
      if (!rebuild.process().waitFor(random.nextInt(1_500), TimeUnit.MILLISECONDS)) {
        rebuild.process().destroyForcibly().waitFor();
      }
    }
    Program.Outcome outcome = program.run(words).succeeds();
    assertThat(outcome.last()).doesNotContain("otherwise");
    return (isEmpty ? "disk lost, " : "") + (isKilled ? "rebuild killed, " : "") + "rebuild";
  }

  /// Starts a rebuild of the index of the server, which does not run.
  Program.Running rebuild(String... more) throws IOException {
    List<String> words =
        new ArrayList<>(List.of("rebuild", "--quiet", "--config", serving.config().toString()));
    words.addAll(List.of(more));
    return program.start(words.toArray(String[]::new));
  }

  /// Compares the index with one made from the bucket. No server runs.
  void compare() throws Exception {
    Program.Outcome outcome =
        program
            .run("rebuild", "--quiet", "--compare", "--config", serving.config().toString())
            .succeeds();
    assertThat(outcome.last()).contains("the old index says the same");
  }

  /// Starts an operator's command.
  Program.Running operate(String... words) throws IOException {
    return program.with("HOLDFAST_CONFIG", serving.config().toString()).start(words);
  }

  @Override
  public void close() throws IOException {
    for (Place place : places) {
      if (place.running != null) {
        place.running.process().destroyForcibly().onExit().join();
      }
    }
    relay.close();
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        // Its socket is not a file of its state.
        if (Files.isDirectory(file) || Files.isRegularFile(file)) {
          Files.copy(file, to.resolve(from.relativize(file).toString()));
        }
      }
    }
  }

  /// Where a server may run.
  private final class Place {
    private final int number;
    private Program.Running running;

    Place(int number) {
      this.number = number;
    }

    Path config() {
      return home.resolve("server" + number + ".conf");
    }

    Path state() {
      return home.resolve("state" + number);
    }

    Path old() {
      return home.resolve("state" + number + ".old");
    }

    Path portFile() {
      return home.resolve("port" + number);
    }
  }
}
