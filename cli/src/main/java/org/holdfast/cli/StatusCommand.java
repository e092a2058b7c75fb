package org.holdfast.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.JsonLine;
import org.holdfast.cli.console.JsonOption;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.core.HoldfastException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// Says how a running server is.
@Command(
    name = "status",
    description = {
      "Show how the server is.",
      "Sessions, the log's end, whether backups are taken, what was asked of the bucket, and what"
          + " a month costs."
    },
    footer = {"", "Example:", "  holdfast status --config /etc/holdfast/server.conf --json"})
final class StatusCommand implements Callable<Integer> {
  @Mixin private final ServerOptions server;
  @Mixin private final Output output;
  @Mixin private final JsonOption json = new JsonOption();

  StatusCommand(Surroundings surroundings) {
    this.server = new ServerOptions(surroundings);
    this.output = new Output(surroundings.terminal());
  }

  @Override
  public Integer call() throws HoldfastException {
    Map<String, String> values = new LinkedHashMap<>();
    for (String each : server.ask(List.of("status")).lines().toList()) {
      String[] words = each.split(" ", 2);
      if (words.length == 2) {
        values.put(words[0], words[1]);
      }
    }
    if (json.isWanted()) {
      JsonLine line = new JsonLine("status");
      values.forEach((name, value) -> add(line, name, value));
      output.terminal().print(line.end());
    } else {
      new StatusLines(values).all().forEach(output.terminal()::print);
    }
    return ExitCode.DONE;
  }

  private static void add(JsonLine line, String name, String value) {
    if (value.matches("\\d{1,18}")) {
      line.with(name, Long.parseLong(value));
    } else {
      line.with(name, value);
    }
  }
}
