package org.holdfast.cli;

import java.nio.file.Path;
import java.util.List;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Program;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Session;
import org.holdfast.protocol.UnixConnector;
import org.holdfast.server.ServerConfig;
import org.holdfast.server.shard.AfterCrash;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which server an operator's command is for; talks to it over its socket.
final class ServerOptions {
  private final Surroundings surroundings;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The server's config file. Else $HOLDFAST_CONFIG.")
  private @Nullable String config;

  ServerOptions(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  ServerConfig read() throws HoldfastException {
    if (config != null) {
      return ServerConfig.read(Path.of(config), surroundings.variables());
    }
    var variable = surroundings.variable("HOLDFAST_CONFIG");
    if (variable.isEmpty()) {
      throw new RefusedException(
          "no config file: give --config FILE, or set HOLDFAST_CONFIG to it");
    }
    return ServerConfig.read(Path.of(variable.get()), surroundings.variables());
  }

  /// For a server that is to start, with another policy after a crash if one is given.
  ServerConfig server(@Nullable String afterCrash) throws HoldfastException, Failure {
    ServerConfig config = read();
    if (afterCrash != null) {
      AfterCrash policy =
          AfterCrash.of(afterCrash)
              .orElseThrow(() ->
                  new Failure(
                      ExitCode.FAILED,
                      "--after-crash is verify, hold or serve, not " + afterCrash));
      config = config.with(policy);
    }
    checkStopped(config);
    return config;
  }

  /// Throws a [Failure] if a server runs with this config: its index is its own.
  void checkStopped(ServerConfig server) throws Failure {
    try (Connection connection = UnixConnector.connect(server.socket())) {
      throw new Failure(
          ExitCode.BUSY,
          "a server listens on " + connection.peer() + " with this config: stop it first");
    } catch (UnavailableException e) {
      // Nobody listens there, as it must be.
    }
  }

  /// Has the running server do something, and prints what it says. Answers the exit code.
  int operate(Output output, List<String> words) throws HoldfastException {
    String reply = ask(words);
    reply.lines().forEach(output.terminal()::print);
    return ExitCode.DONE;
  }

  /// What the running server says.
  String ask(List<String> words) throws HoldfastException {
    Path socket = read().socket();
    try (Session session =
        Session.open(
            UnixConnector.connect(socket),
            surroundings.clock(),
            surroundings.spawner(),
            Program.NAME)) {
      Message.OperateReply reply = session.operate(words);
      if (reply.exitCode() != 0) {
        throw new RefusedException(reply.output().strip());
      }
      return reply.output();
    }
  }
}
