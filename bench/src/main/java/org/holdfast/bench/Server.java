package org.holdfast.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/// A Holdfast server process on a folder.
///
/// @param command runs the operator's commands
record Server(String program, Path folder, Command command, ServerProcess process)
    implements Service {
  private static final Pattern REQUESTS =
      Pattern.compile("\"bucket_(?:gets|puts|lists|deletes)\":(\\d+)");

  /// Starts it, with all that it has in `folder`.
  static Server start(String program, Path folder, Path log)
      throws IOException, InterruptedException {
    Path config = folder.resolve("server.conf");
    Files.writeString(
        config, "bucket = dir:bucket\nstate = state\nsecrets = secrets\nlisten = 127.0.0.1:0\n");
    Command command = new Command(Map.of("HOLDFAST_CONFIG", config.toString()), log);
    List<String> words =
        List.of(program, "serve", "--config", config.toString(), "--port-file", "port");
    Path port = folder.resolve("port");
    return new Server(
        program,
        folder,
        command,
        ServerProcess.start(command, folder, words, () -> Files.exists(port)));
  }

  String address() throws IOException {
    return "127.0.0.1:" + port();
  }

  int port() throws IOException {
    return Integer.parseInt(Files.readString(folder.resolve("port")).strip());
  }

  /// Opens an account and answers an invite to it.
  String invite(String account) throws IOException, InterruptedException {
    command.run(folder, List.of(program, "account", "open", account));
    return command.ask(folder, List.of(program, "invite", account));
  }

  /// Of its bucket: gets, puts, lists and deletes.
  @Override
  public OptionalLong requests() throws IOException, InterruptedException {
    String status = command.ask(folder, List.of(program, "status", "--json"));
    return OptionalLong.of(
        REQUESTS.matcher(status).results().mapToLong(each -> Long.parseLong(each.group(1))).sum());
  }
}
