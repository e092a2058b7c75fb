package org.holdfast.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.core.HoldfastException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// Lists the accounts of a running server.
@Command(
    name = "list",
    description = "List all accounts.",
    footer = {"", "Example:", "  holdfast account list --config /etc/holdfast/server.conf"})
final class AccountListCommand implements Callable<Integer> {
  @Mixin private final ServerOptions server;
  @Mixin private final Output output;

  AccountListCommand(Surroundings surroundings) {
    this.server = new ServerOptions(surroundings);
    this.output = new Output(surroundings.terminal());
  }

  @Override
  public Integer call() throws HoldfastException {
    return server.operate(output, List.of("account", "list"));
  }
}
