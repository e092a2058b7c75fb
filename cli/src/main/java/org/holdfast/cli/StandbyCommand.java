package org.holdfast.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.core.HoldfastException;
import org.holdfast.server.Server;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Runs a second server of a service, which can take over from the first.
@Command(
    name = "standby",
    description = {
      "Run a second server, which can take over from the first.",
      "It follows the log, serves restores, and takes over when the first one is silent, or"
          + " with `holdfast take-over`."
    },
    footer = {
      "",
      "The config file is as for `holdfast serve`, with the same bucket and a copy of the same"
          + " secrets, and a state folder of its own. Two lines are for standbys:",
      "  partner         = a.example.org:7420   the other server",
      "  take-over-after = 5                    seconds of its silence, or never",
      "",
      "Prints `ready: ...` on standard error when it serves. SIGTERM stops it cleanly.",
      "",
      "Example:",
      "  holdfast standby --config /etc/holdfast/server.conf"
    })
final class StandbyCommand implements Callable<Integer> {
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
        "For this start, instead of the config's `after-crash`: verify (the index),"
            + " hold (take nothing over until a person has looked), serve (trust it)."
      })
  private @Nullable String afterCrash;

  StandbyCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.options = new ServerOptions(surroundings);
    this.output = new Output(surroundings.terminal());
  }

  @Override
  public Integer call() throws HoldfastException, IOException, Failure {
    return new Serving(surroundings, output, Optional.ofNullable(portFile).map(Path::of))
        .run(options.server(afterCrash), Server.Role.STANDBY);
  }
}
