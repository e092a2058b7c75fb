package org.holdfast.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.core.HoldfastException;
import org.holdfast.server.Server;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// How a server process is to run, and runs it.
final class ServingOptions {
  private final Surroundings surroundings;

  @Mixin private final ServerOptions server;

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
            + " hold (serve restores only, until a person has looked), serve (trust it)."
      })
  private @Nullable String afterCrash;

  @Option(
      names = "--first",
      paramLabel = "MACHINE",
      description = {
        "If the index has to be made anew: the machine, by its name or the beginning of its id,"
            + " that is to be restored from first. May be given again."
      })
  private List<String> first = new ArrayList<>();

  ServingOptions(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.server = new ServerOptions(surroundings);
  }

  /// Until it is told to stop; answers the exit code.
  int run(Output output, Server.Role role) throws HoldfastException, IOException, Failure {
    return new Serving(surroundings, output, Optional.ofNullable(portFile).map(Path::of))
        .run(server.server(afterCrash).with(first), role);
  }
}
