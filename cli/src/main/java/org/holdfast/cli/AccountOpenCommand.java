package org.holdfast.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.core.HoldfastException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// Opens an account at a running server.
@Command(
    name = "open",
    description = "Open an account, and print its id.",
    footer = {"", "Example:", "  holdfast account open acme --config /etc/holdfast/server.conf"})
final class AccountOpenCommand implements Callable<Integer> {
  @Mixin private final ServerOptions server;
  @Mixin private final Output output;

  @Parameters(paramLabel = "NAME", description = "What to call it.")
  private String name = "";

  AccountOpenCommand(Surroundings surroundings) {
    this.server = new ServerOptions(surroundings);
    this.output = new Output(surroundings.terminal());
  }

  @Override
  public Integer call() throws HoldfastException {
    return server.operate(output, List.of("account", "open", name));
  }
}
