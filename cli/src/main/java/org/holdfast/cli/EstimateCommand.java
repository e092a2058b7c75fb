package org.holdfast.cli;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.BucketAddress;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.JsonOption;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.UnavailableException;
import org.holdfast.server.Server;
import org.holdfast.server.ServerConfig;
import org.holdfast.server.Service;
import org.holdfast.server.drill.DrillBook;
import org.holdfast.server.drill.Estimate;
import org.holdfast.server.drill.LogSize;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// Says what a recovery would take.
@Command(
    name = "estimate",
    description = "Say how long `holdfast rebuild` would take today, and what it would cost.",
    footer = {
      "",
      "How much there is to read is taken from the bucket's listing, and from the server where it"
          + " runs; how fast it goes, and how the log grows, from the last drills.",
      "",
      "Example:",
      "  holdfast estimate --config /etc/holdfast/server.conf --json"
    })
final class EstimateCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Mixin private final ServerOptions options;
  @Mixin private final Output output;
  @Mixin private final JsonOption json = new JsonOption();

  EstimateCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.options = new ServerOptions(surroundings);
    this.output = new Output(surroundings.terminal());
  }

  @Override
  public Integer call() throws HoldfastException {
    ServerConfig config = options.read();
    Service.Terms terms =
        Server.reading(config, surroundings.clock(), surroundings.spawner(), surroundings.random());
    try (Bucket _ = terms.bucket()) {
      Estimate estimate =
          Estimate.of(size(terms), new DrillBook(config.state()).all(), config.s3().prices());
      boolean hasPrice = config.bucket() instanceof BucketAddress.S3;
      EstimateLines lines =
          new EstimateLines(estimate, hasPrice, surroundings.clock().wallMillis());
      if (json.isWanted()) {
        output.terminal().print(lines.json());
      } else {
        lines.all().forEach(output.terminal()::print);
      }
    }
    return ExitCode.DONE;
  }

  private LogSize size(Service.Terms terms) throws HoldfastException {
    Map<String, String> status = status();
    var listed = terms.reader().list(Service.SHARD);
    return new LogSize(
        listed.size(),
        listed.values().stream().mapToLong(Long::longValue).sum(),
        number(status, "header_bytes"),
        number(status, "records"));
  }

  /// What the running server says; nothing where none runs.
  private Map<String, String> status() throws HoldfastException {
    Map<String, String> values = new HashMap<>();
    try {
      for (String line : options.ask(List.of("status")).lines().toList()) {
        String[] words = line.split(" ", 2);
        values.put(words[0], words[words.length - 1]);
      }
    } catch (UnavailableException e) {
      // The listing and the drills must do.
    }
    return values;
  }

  private static OptionalLong number(Map<String, String> values, String name) {
    String text = values.getOrDefault(name, "");
    return text.matches("\\d{1,18}") ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
  }
}
