package org.holdfast.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.JsonLine;
import org.holdfast.cli.console.JsonOption;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.cli.console.Terminal;
import org.holdfast.core.HoldfastException;
import org.holdfast.seal.KeyFileHeader;
import org.holdfast.seal.KeyFileReading;
import org.holdfast.seal.Rights;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// Says what a key file is for. Needs no passphrase, and shows no secret.
@Command(
    name = "show",
    description = "Show what a key file is for; shows no secret and needs no passphrase.",
    footer = {"", "Example:", "  holdfast key show --keyfile write.key"})
final class KeyShowCommand implements Callable<Integer> {
  @Mixin private final KeyOptions keys;
  @Mixin private final Output output;
  @Mixin private final JsonOption json = new JsonOption();

  KeyShowCommand(Surroundings surroundings) {
    this.keys = new KeyOptions(surroundings);
    this.output = new Output(surroundings.terminal());
  }

  @Override
  public Integer call() throws HoldfastException, Failure {
    Path path = keys.path();
    KeyFileReading reading = keys.look(path);
    KeyFileHeader header =
        switch (reading) {
          case KeyFileReading.Open open -> open.file().header();
          case KeyFileReading.PassphraseNeeded(KeyFileHeader found) -> found;
          case KeyFileReading.PassphraseWrong(KeyFileHeader found) -> found;
        };
    boolean isProtected = !(reading instanceof KeyFileReading.Open);
    Terminal terminal = output.terminal();
    if (json.isWanted()) {
      JsonLine line =
          new JsonLine("key")
              .with("path", path.toString())
              .with("machine", header.machine())
              .with("machine_id", header.machineId().toString())
              .with("services", header.services())
              .with("rights", header.rights().stream().sorted().map(Rights::name).toList())
              .with("passphrase", isProtected);
      header.serverKey().ifPresent(key -> line.with("server_key", key.toString()));
      terminal.print(line.end());
      return ExitCode.DONE;
    }
    terminal.print("machine     " + header.machine() + "  (" + header.machineId() + ")");
    header.services().forEach(service -> terminal.print("service     " + service));
    header.serverKey().ifPresent(key -> terminal.print("server key  " + key));
    terminal.print("rights      " + Rights.format(header.rights()));
    terminal.print("passphrase  " + (isProtected ? "yes" : "none"));
    return ExitCode.DONE;
  }
}
