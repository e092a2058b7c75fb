package org.holdfast.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A Holdfast server process on a folder.
final class Server implements AutoCloseable {
  private static final int START_SECONDS = 60;
  private static final int POLL_MILLIS = 50;

  private final String program;
  private final Path folder;
  private final Command command;
  private final Process process;

  private Server(String program, Path folder, Command command, Process process) {
    this.program = program;
    this.folder = folder;
    this.command = command;
    this.process = process;
  }

  /// Starts it, with all that it has in `folder`.
  static Server start(String program, Path folder, Path log)
      throws IOException, InterruptedException {
    Path config = folder.resolve("server.conf");
    Files.writeString(
        config, "bucket = dir:bucket\nstate = state\nsecrets = secrets\nlisten = 127.0.0.1:0\n");
    Command command = new Command(Map.of("HOLDFAST_CONFIG", config.toString()), log);
    List<String> words =
        List.of(program, "serve", "--config", config.toString(), "--port-file", "port");
    Server server = new Server(program, folder, command, command.start(folder, words));
    try {
      server.awaitStart(log);
      return server;
    } catch (IOException | InterruptedException e) {
      server.close();
      throw e;
    }
  }

  private void awaitStart(Path log) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (!Files.exists(port())) {
      if (process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
        throw new IOException("the server does not start: see " + log);
      }
    }
  }

  String address() throws IOException {
    return "127.0.0.1:" + Files.readString(port()).strip();
  }

  private Path port() {
    return folder.resolve("port");
  }

  /// Opens an account and answers an invite to it.
  String invite(String account) throws IOException, InterruptedException {
    command.run(folder, List.of(program, "account", "open", account));
    return command.ask(folder, List.of(program, "invite", account));
  }

  long peakBytes() {
    return Command.peakBytes(process.pid());
  }

  /// Told to stop, and killed if it does not.
  @Override
  public void close() {
    process.destroy();
    try {
      if (process.waitFor(START_SECONDS, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }
}
