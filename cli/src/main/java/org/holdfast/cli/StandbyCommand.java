package org.holdfast.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.core.HoldfastException;
import org.holdfast.server.Server;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

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
  @Mixin private final ServingOptions options;
  @Mixin private final Output output;

  StandbyCommand(Surroundings surroundings) {
    this.options = new ServingOptions(surroundings);
    this.output = new Output(surroundings.terminal());
  }

  @Override
  public Integer call() throws HoldfastException, IOException, Failure {
    return options.run(output, Server.Role.STANDBY);
  }
}
