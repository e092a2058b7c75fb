package org.holdfast.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.core.HoldfastException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// Switches cleaning on and off at a running server.
@Command(
    name = "clean",
    description = {
      "Switch cleaning on or off while the server runs, or ask whether it is on.",
      "Without it the server goes on, and the bucket keeps the place of what is deleted."
    },
    footer = {
      "",
      "What is switched stays so until the server stops; its config says how it starts,"
          + " `cleaning = on|off`. A piece of work that has begun comes to its end.",
      "",
      "Example:",
      "  holdfast clean off --config /etc/holdfast/server.conf"
    })
final class CleanCommand implements Callable<Integer> {
  @Mixin private final ServerOptions server;
  @Mixin private final Output output;

  @Parameters(paramLabel = "on|off|status", description = "What to do, or `status` to ask.")
  private String how = "";

  CleanCommand(Surroundings surroundings) {
    this.server = new ServerOptions(surroundings);
    this.output = new Output(surroundings.terminal());
  }

  @Override
  public Integer call() throws HoldfastException {
    return server.operate(output, List.of("work", "cleaning", how));
  }
}
