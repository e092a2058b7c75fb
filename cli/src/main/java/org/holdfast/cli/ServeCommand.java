package org.holdfast.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Failures;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.core.HoldfastException;
import org.holdfast.log.StateDigest;
import org.holdfast.server.Server;
import org.holdfast.server.ServerConfig;
import org.holdfast.server.session.HeapNeed;
import org.holdfast.server.shard.AfterCrash;
import org.holdfast.server.shard.ShardService;
import org.holdfast.server.shard.ShardStart;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Runs the server until it is told to stop. An edge: writes the port's file.
@Command(
    name = "serve",
    description = "Run the server.",
    footer = {
      "",
      "The config file has lines `key = value`:",
      "  bucket  = dir:/srv/holdfast/bucket   where everything is kept",
      "  state   = /var/lib/holdfast          a cache; may be lost",
      "  secrets = /etc/holdfast/secrets      keep a copy elsewhere",
      "  listen  = 0.0.0.0:7420",
      "",
      "Prints `ready: ...` on standard error when it serves. SIGTERM stops it cleanly.",
      "",
      "Example:",
      "  holdfast serve --config /etc/holdfast/server.conf"
    })
final class ServeCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger("serve");

  /// How long a clean stop may take before the process goes without it.
  private static final long STOP_MILLIS = 10_000;

  private final Surroundings surroundings;

  @Mixin private final ServerOptions options;
  @Mixin private final Output output;

  @Option(
      names = "--port-file",
      paramLabel = "FILE",
      description = "Write the port that clients reach into this file when ready.")
  private @Nullable String portFile;

  @Option(
      names = "--after-crash",
      paramLabel = "POLICY",
      description = {
        "For this start, instead of the config's `after-crash`: verify (the index),",
        "hold (serve restores only, until a person has looked), serve (trust it)."
      })
  private @Nullable String afterCrash;

  ServeCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.options = new ServerOptions(surroundings);
    this.output = new Output(surroundings.terminal());
  }

  @Override
  public Integer call() throws HoldfastException, IOException, Failure {
    ServerConfig config = config();
    options.checkStopped(config);
    new HeapNeed(config.limits()).check(Runtime.getRuntime().maxMemory());
    CountDownLatch stop = new CountDownLatch(1);
    surroundings.signals().whenStopped(stop::countDown);
    try (Server server =
        Server.start(
            config,
            surroundings.clock(),
            surroundings.spawner(),
            surroundings.random(),
            new StartLog(),
            new BackupsLog())) {
      if (portFile != null) {
        write(Path.of(portFile), server.port());
      }
      output.warn("ready: listening on " + config.host() + ":" + server.port());
      server.held().ifPresent(output::warn);
      await(stop);
      LOG.info("stopping");
      surroundings.spawner().spawn("stop", this::insist);
    }
    LOG.info("stopped");
    return ExitCode.DONE;
  }

  private ServerConfig config() throws HoldfastException, Failure {
    ServerConfig read = options.read();
    if (afterCrash == null) {
      return read;
    }
    AfterCrash policy =
        AfterCrash.of(afterCrash)
            .orElseThrow(() ->
                new Failure(
                    ExitCode.FAILED, "--after-crash is verify, hold or serve, not " + afterCrash));
    return read.with(policy);
  }

  private static void await(CountDownLatch stop) throws Failure {
    try {
      stop.await();
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

  /// Tells the log when backups stop.
  private static final class BackupsLog implements ShardService.Listener {
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

  /// Tells the log what a start does.
  private static final class StartLog implements ShardStart.Listener {
    private static final int LINES = 20;
    private long told;
    private long fetched;

    @Override
    public void proven(StateDigest digest) {
      LOG.info("the index was not closed; its digest {} holds", digest);
    }

    @Override
    public void discarded(String reason) {
      LOG.warn("the index is thrown away and made again from the log: {}", reason);
    }

    @Override
    public void imageTaken(String list, long record, long bytes) {
      LOG.info(
          "the index is that of the image {}, {} MiB, up to record {}", list, bytes >> 20, record);
    }

    @Override
    public void imageLeft(String list, String why) {
      LOG.warn("the image {} cannot be used: {}", list, why);
    }

    @Override
    public void fromHeaders(String why) {
      LOG.info("the index is made from the log's headers: {}", why);
    }

    @Override
    public void fetched(long segmentsDone, long segmentsAll) {
      if (segmentsDone - fetched >= Math.max(1000, segmentsAll / LINES)) {
        fetched = segmentsDone;
        LOG.info(
            "the index is made from the log: read {} of {} headers", segmentsDone, segmentsAll);
      }
    }

    @Override
    public void inOrder(String why) {
      LOG.warn("all records are replayed in order, which takes longer: {}", why);
    }

    @Override
    public void replaying(int segments) {
      told = 0;
      LOG.info("replaying {} segments", segments);
    }

    @Override
    public void replayed(long segmentsDone, long segmentsAll, long recordsDone) {
      if (segmentsDone - told >= Math.max(1000, segmentsAll / LINES)) {
        told = segmentsDone;
        LOG.info("replayed {} of {} segments", segmentsDone, segmentsAll);
      }
    }
  }
}
