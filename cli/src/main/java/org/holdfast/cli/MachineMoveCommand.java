package org.holdfast.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.core.HoldfastException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// Moves a machine to another account at a running server.
@Command(
    name = "move",
    description = "Move a machine to another account, with all that it keeps.",
    footer = {
      "",
      "The machine's keys, archives and name stay as they are, and a backup that is at work goes"
          + " on: its clients need not know. Sessions that are open count for the account they"
          + " began under until they end.",
      "",
      "Example:",
      "  holdfast machine move web1 acme --config /etc/holdfast/server.conf"
    })
final class MachineMoveCommand implements Callable<Integer> {
  @Mixin private final ServerOptions server;
  @Mixin private final Output output;

  @Parameters(
      index = "0",
      paramLabel = "MACHINE",
      description = "Its name, or 4 or more digits of its id.")
  private String machine = "";

  @Parameters(index = "1", paramLabel = "ACCOUNT", description = "The account's name or id.")
  private String account = "";

  MachineMoveCommand(Surroundings surroundings) {
    this.server = new ServerOptions(surroundings);
    this.output = new Output(surroundings.terminal());
  }

  @Override
  public Integer call() throws HoldfastException {
    return server.operate(output, List.of("machine", "move", machine, account));
  }
}
