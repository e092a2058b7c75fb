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

/// Runs the server until it is told to stop.
@Command(
    name = "serve",
    description = "Run the server.",
    footer = {
      "",
      "The config file has lines `key = value`:",
      "  bucket  = dir:/srv/holdfast/bucket   where everything is kept",
      "  state   = /var/lib/holdfast          a cache; may be lost",
      "  secrets = /etc/holdfast/secrets      keep a copy elsewhere",
      "  listen  = 0.0.0.0:7420",
      "  partner = b.example.org:7420         a second server, if there is one",
      "",
      "If the partner owns the log already, this server is a standby: see `holdfast standby`.",
      "Prints `ready: ...` on standard error when it serves. SIGTERM stops it cleanly.",
      "",
      "Example:",
      "  holdfast serve --config /etc/holdfast/server.conf"
    })
final class ServeCommand implements Callable<Integer> {
  @Mixin private final ServingOptions options;
  @Mixin private final Output output;

  ServeCommand(Surroundings surroundings) {
    this.options = new ServingOptions(surroundings);
    this.output = new Output(surroundings.terminal());
  }

  @Override
  public Integer call() throws HoldfastException, IOException, Failure {
    return options.run(output, Server.Role.OWNER);
  }
}
