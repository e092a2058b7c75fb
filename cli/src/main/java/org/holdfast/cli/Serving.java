package org.holdfast.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Failures;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.UnavailableException;
import org.holdfast.server.Server;
import org.holdfast.server.ServerConfig;
import org.holdfast.server.session.HeapNeed;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A server process from its start to its end. An edge: writes the port's file.
///
/// A server that has lost the log, or cannot follow it any more, is closed, and another one is
/// started in its place, on the same port.
final class Serving {
  private static final Logger LOG = LoggerFactory.getLogger("serve");

  /// How long a clean stop may take before the process goes without it.
  private static final long STOP_MILLIS = 10_000;

  /// Between attempts to start again: within so long it also stops when it is told to.
  private static final long PAUSE_MILLIS = 3000;

  private final Surroundings surroundings;
  private final Output output;
  private final Optional<Path> portFile;

  /// In which roles to start again; empty to stop.
  private final LinkedBlockingQueue<Optional<Server.Role>> turns = new LinkedBlockingQueue<>();

  /// Whether a start is under way that the next one goes on with.
  private volatile boolean mayEnd;

  Serving(Surroundings surroundings, Output output, Optional<Path> portFile) {
    this.surroundings = surroundings;
    this.output = output;
    this.portFile = portFile;
  }

  /// Returns when it was told to stop, and has.
  int run(ServerConfig config, Server.Role role) throws HoldfastException, IOException, Failure {
    new HeapNeed(config.limits()).check(Runtime.getRuntime().maxMemory());
    surroundings.signals().whenStopped(this::stop);
    Optional<Server> server = Optional.of(start(config, role));
    while (server.isPresent()) {
      ServerConfig same = config.at(server.get().port());
      Optional<Server.Role> next = Optional.empty();
      try {
        next = serve(server.get(), same);
      } finally {
        close(server.get(), next.isPresent());
      }
      server = next.isPresent() ? startAtLast(same, next.get()) : Optional.empty();
    }
    LOG.info("stopped");
    return ExitCode.DONE;
  }

  private void stop() {
    turns.add(Optional.empty());
    endIfAllowed();
  }

  private void mayEnd(boolean may) {
    mayEnd = may;
    endIfAllowed();
  }

  /// A start that proves or makes an index may take long, and is not waited for: it has promised
  /// nothing to anybody.
  private void endIfAllowed() {
    if (mayEnd && turns.contains(Optional.<Server.Role>empty())) {
      LOG.info("stopped before the log was taken over; headers that were read are kept");
      Runtime.getRuntime().halt(ExitCode.DONE);
    }
  }

  private Server start(ServerConfig config, Server.Role role) throws HoldfastException {
    // What the last one still had to say is of no use to this one; but that it is to stop.
    turns.removeIf(Optional::isPresent);
    return Server.start(
        config,
        role,
        surroundings.clock(),
        surroundings.spawner(),
        surroundings.random(),
        new StartLog(this::mayEnd),
        new ServerLog(turns));
  }

  /// Of one in whose place another one starts it does not matter what did not become durable: it
  /// was promised to nobody.
  private static void close(Server server, boolean isReplaced) throws HoldfastException {
    try {
      server.close();
    } catch (HoldfastException e) {
      if (!isReplaced) {
        throw e;
      }
      LOG.warn("the server did not close well: {}", e.getMessage());
    }
  }

  /// What stands in the way of a start beside another owner passes. Empty if it is to stop.
  private Optional<Server> startAtLast(ServerConfig config, Server.Role role)
      throws HoldfastException, Failure {
    while (!turns.contains(Optional.<Server.Role>empty())) {
      try {
        return Optional.of(start(config, role));
      } catch (UnavailableException e) {
        LOG.warn("tries again to start: {}", e.getMessage());
        pause();
      }
    }
    return Optional.empty();
  }

  private void pause() throws Failure {
    try {
      surroundings.clock().sleepMillis(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure(ExitCode.INTERRUPTED, "interrupted", e);
    }
  }

  private Optional<Server.Role> serve(Server server, ServerConfig config)
      throws IOException, Failure {
    if (portFile.isPresent()) {
      write(portFile.get(), server.port());
    }
    output.warn("ready: listening on " + config.host() + ":" + server.port());
    server.held().ifPresent(output::warn);
    if (server.isStandby()) {
      output.warn("this server is a standby: it serves restores until it takes the log over");
    }
    Optional<Server.Role> turn = await();
    if (turn.isEmpty()) {
      LOG.info("stopping");
      surroundings.spawner().spawn("stop", this::insist);
    } else {
      LOG.info("starting again: {}", turn.get());
    }
    return turn;
  }

  private Optional<Server.Role> await() throws Failure {
    try {
      return turns.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure(ExitCode.INTERRUPTED, "interrupted", e);
    }
  }

  private void insist() {
    try {
      surroundings.clock().sleepMillis(STOP_MILLIS);
      LOG.error("a clean stop takes too long: going without it");
      Runtime.getRuntime().halt(ExitCode.FAILED);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Whole or not at all: others wait for the file to appear.
  private static void write(Path file, int port) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(temporary, port + "\n");
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /// Tells the log what becomes of a server.
  private record ServerLog(LinkedBlockingQueue<Optional<Server.Role>> turns)
      implements Server.Listener {
    @Override
    public void listens(int port) {
      LOG.info("clients are answered on port {}; `ready` says when all is served", port);
    }

    @Override
    public void owns() {
      LOG.warn("this server owns the log now, and takes backups");
    }

    @Override
    public void again(Server.Role role) {
      turns.add(Optional.of(role));
    }

    @Override
    public void stopped(Exception reason) {
      LOG.error(
          "THIS SERVER HAS STOPPED TAKING BACKUPS, restores go on: {}. Mend it, then restart",
          Failures.line(reason));
    }

    @Override
    public void damaged(String line) {
      LOG.error("{}. They go on by themselves when it is whole", line);
    }

    @Override
    public void whole() {
      LOG.info("every object that was lost or damaged is whole again: backups go on");
    }
  }
}
