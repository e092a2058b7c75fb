package org.holdfast.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.core.HoldfastException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// Makes a running standby the owner of the log.
@Command(
    name = "take-over",
    description = {
      "Make the standby on this machine the owner of the log.",
      "It takes backups from then on. The server that was the owner takes none any more, and"
          + " becomes a standby if its config names a partner. Nothing acknowledged is lost."
    },
    footer = {"", "Example:", "  holdfast take-over --config /etc/holdfast/server.conf"})
final class TakeOverCommand implements Callable<Integer> {
  @Mixin private final ServerOptions server;
  @Mixin private final Output output;

  TakeOverCommand(Surroundings surroundings) {
    this.server = new ServerOptions(surroundings);
    this.output = new Output(surroundings.terminal());
  }

  @Override
  public Integer call() throws HoldfastException {
    return server.operate(output, List.of("take-over"));
  }
}
