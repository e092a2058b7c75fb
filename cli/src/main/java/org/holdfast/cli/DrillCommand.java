package org.holdfast.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.holdfast.bucket.Bucket;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Host;
import org.holdfast.cli.console.JsonLine;
import org.holdfast.cli.console.JsonOption;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.cli.console.Ticker;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.holdfast.server.Drill;
import org.holdfast.server.Server;
import org.holdfast.server.ServerConfig;
import org.holdfast.server.Service;
import org.holdfast.server.drill.DrillBook;
import org.holdfast.server.drill.DrillRecord;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Tries whether a server's index could be made anew from the bucket.
@Command(
    name = "drill",
    description = "Make the server's index anew in a scratch folder, to prove that it can be done.",
    footer = {
      "",
      "Reads the bucket with the server's config and secrets file, and changes nothing there: the"
          + " server may run, or be gone. The digests in the log prove the result, and it is"
          + " compared with what the running server's state was at the same place. Result and rate"
          + " are kept in the state folder, for `holdfast estimate`. Exit code 1 if the state"
          + " cannot be made, or is another one.",
      "",
      "Examples:",
      "  holdfast drill --config /etc/holdfast/server.conf",
      "  holdfast drill --config /etc/holdfast/server.conf --scratch /mnt/large"
    })
final class DrillCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Mixin private final ServerOptions options;
  @Mixin private final Output output;
  @Mixin private final JsonOption json = new JsonOption();

  @Option(
      names = "--scratch",
      paramLabel = "DIR",
      description = {
        "Work in a folder `drill` in this one, and remove it in the end. Else in the state folder."
      })
  private @Nullable String scratch;

  DrillCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.options = new ServerOptions(surroundings);
    this.output = new Output(surroundings.terminal());
  }

  @Override
  public Integer call() throws HoldfastException, Failure {
    ServerConfig config = options.read();
    Path around = scratch == null ? config.state() : Path.of(scratch).toAbsolutePath().normalize();
    if (scratch != null && !Host.isFolder(around)) {
      throw new RefusedException("--scratch: there is no folder " + around + ": make it first");
    }
    Service.Terms terms =
        Server.reading(config, surroundings.clock(), surroundings.spawner(), surroundings.random());
    DrillRecord found;
    try (Bucket _ = terms.bucket()) {
      found = run(terms, config, around.resolve("drill"));
    } catch (UnavailableException e) {
      if (surroundings.signals().isStopped()) {
        throw new Failure(ExitCode.INTERRUPTED, "interrupted", e);
      }
      throw e;
    }
    keep(config, found);
    output.terminal().print(json.isWanted() ? json(found) : text(found));
    return found.isGood() ? ExitCode.DONE : ExitCode.FAILED;
  }

  private DrillRecord run(Service.Terms terms, ServerConfig config, Path folder)
      throws UnavailableException {
    RebuildLines lines = new RebuildLines(surroundings.clock(), output);
    try (Ticker _ = Ticker.start(surroundings, output, json.isWanted(), lines)) {
      return Drill.full(
              terms,
              config.state(),
              folder,
              new ServerDigests(options),
              surroundings.signals()::isStopped,
              lines)
          .run();
    }
  }

  /// What was found counts, wherever it can be written.
  private void keep(ServerConfig config, DrillRecord found) {
    try {
      new DrillBook(config.state()).add(found);
    } catch (RefusedException e) {
      output.warn("the result is not kept: " + e.getMessage());
    }
  }

  private static String text(DrillRecord found) {
    DrillRecord.Work work = found.work();
    return switch (found.result()) {
      case EQUAL -> made(work) + "; the running server's state is the same";
      case PROVEN ->
          made(work)
              + "; the log's own digests hold, no server's state was there to compare it with";
      case DIFFERENT -> made(work) + "; IT IS NOT THE RUNNING SERVER'S: " + found.why();
      case FAILED -> "THE STATE CANNOT BE MADE FROM THE BUCKET: " + found.why();
    };
  }

  private static String made(DrillRecord.Work work) {
    return "made %d records of %d segments in %.2f s, %d a second"
        .formatted(
            work.records(),
            work.segments(),
            (work.fetchMillis() + work.replayMillis()) / 1000.0,
            work.recordsPerSecond());
  }

  private static String json(DrillRecord found) {
    DrillRecord.Work work = found.work();
    return new JsonLine("summary")
        .with("result", found.resultName())
        .with("why", found.why())
        .with("segments", work.segments())
        .with("header_bytes", work.headerBytes())
        .with("records", work.records())
        .with("gets", work.gets())
        .with("lists", work.lists())
        .with("read_bytes", work.readBytes())
        .with("fetch_millis", work.fetchMillis())
        .with("replay_millis", work.replayMillis())
        .end();
  }
}
