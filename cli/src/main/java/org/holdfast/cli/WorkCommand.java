package org.holdfast.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.core.HoldfastException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// Switches a kind of background work on and off at a running server.
@Command(
    name = "work",
    description = "Switch background work on or off while the server runs, or ask.",
    footer = {
      "",
      "What is switched stays so until the server stops; its config says how it starts,"
          + " `JOB = on|off`. A piece of work that has begun comes to its end.",
      "",
      "Example:",
      "  holdfast work freeing off --config /etc/holdfast/server.conf"
    })
final class WorkCommand implements Callable<Integer> {
  @Mixin private final ServerOptions server;
  @Mixin private final Output output;

  @Parameters(paramLabel = "JOB", description = "freeing, cleaning, scrub, image or drill.")
  private String job = "";

  @Parameters(paramLabel = "on|off|status", description = "What to do, or `status` to ask.")
  private String how = "";

  WorkCommand(Surroundings surroundings) {
    this.server = new ServerOptions(surroundings);
    this.output = new Output(surroundings.terminal());
  }

  @Override
  public Integer call() throws HoldfastException {
    return server.operate(output, List.of("work", job, how));
  }
}
