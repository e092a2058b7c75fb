package org.holdfast.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Makes an invite at a running server.
@Command(
    name = "invite",
    description = "Invite a machine to an account: prints a token that works once.",
    footer = {
      "",
      "The token is a secret, and holds the server's key: hand it over privately.",
      "",
      "Example:",
      "  holdfast invite acme --machine web1 --expires 60 --config server.conf"
    })
final class InviteCommand implements Callable<Integer> {
  @Mixin private final ServerOptions server;
  @Mixin private final Output output;

  @Parameters(paramLabel = "ACCOUNT", description = "The account's name or id.")
  private String account = "";

  @Option(
      names = "--machine",
      paramLabel = "NAME",
      description = "Good for a machine of this name alone.")
  private String machine = "";

  @Option(
      names = "--expires",
      paramLabel = "MINUTES",
      description = "How long it is good for; a week if not said.")
  private @Nullable Long expiryMinutes;

  InviteCommand(Surroundings surroundings) {
    this.server = new ServerOptions(surroundings);
    this.output = new Output(surroundings.terminal());
  }

  @Override
  public Integer call() throws HoldfastException {
    if (expiryMinutes != null && expiryMinutes < 1) {
      throw new RefusedException(
          "--expires %d: an invite is good for at least a minute; leave --expires out for a week"
              .formatted(expiryMinutes));
    }
    return server.operate(
        output,
        expiryMinutes == null
            ? List.of("invite", account, machine)
            : List.of("invite", account, machine, Long.toString(expiryMinutes)));
  }
}
