package org.holdfast.cli;

import java.io.Console;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.holdfast.cli.console.Counted;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Failures;
import org.holdfast.cli.console.JsonLine;
import org.holdfast.cli.console.JsonOption;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.cli.console.Terminal;
import org.holdfast.cli.link.Link;
import org.holdfast.cli.link.Links;
import org.holdfast.client.tidy.Nuke;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Right;
import org.holdfast.seal.KeyFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Deletes everything that a machine has.
@Command(
    name = "nuke",
    description = "Delete everything that this machine has backed up.",
    footer = {
      "",
      "Needs the right to nuke, and the machine's name typed on the terminal. Also ends a backup"
          + " that is at work. It can be brought back for a while: see `undelete`.",
      "",
      "Examples:",
      "  holdfast nuke",
      "  holdfast nuke --yes-delete-everything-of laptop"
    })
final class NukeCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Mixin private final KeyOptions keys;
  @Mixin private final Output output;
  @Mixin private final JsonOption json = new JsonOption();

  @Option(
      names = "--yes-delete-everything-of",
      paramLabel = "NAME",
      description = "The machine's name, where there is no terminal to type it.")
  private @Nullable String given;

  NukeCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.keys = new KeyOptions(surroundings);
    this.output = new Output(surroundings.terminal());
  }

  @Override
  public Integer call() throws HoldfastException, IOException, Failure {
    KeyFile keyFile = keys.open();
    keyFile.keys().credentialFor(Right.NUKE);
    confirm(keyFile.machine());
    Nuke.Done done;
    try (Link link = new Links(surroundings).write(keyFile, keys.cacheFolder())) {
      surroundings.whenStopped(link::breakOff);
      Nuke nuke =
          new Nuke(link.session(), keyFile, keys.machineFolder(keyFile), surroundings.random());
      try {
        done = nuke.run();
      } catch (HoldfastException | IOException e) {
        throw DeleteFailure.of(surroundings, e, nuke.wasDone());
      }
    }
    tell(keyFile.machine(), done);
    return ExitCode.DONE;
  }

  void tell(String machine, Nuke.Done done) {
    Terminal terminal = output.terminal();
    String until = Instant.ofEpochMilli(done.untilMillis()).toString();
    if (json.isWanted()) {
      JsonLine line =
          new JsonLine("summary")
              .with("machine", machine)
              .with("blocks", done.blocks())
              .with("bytes_estimated", done.bytes());
      if (done.blocks() > 0) {
        line.with("undelete_until", until);
      }
      terminal.print(line.end());
    } else if (!output.isQuiet() && done.blocks() == 0) {
      terminal.print(
          "nothing to delete of %s; `holdfast undelete --list` shows what was deleted before"
              .formatted(machine));
    } else if (!output.isQuiet()) {
      terminal.print(
          "deleted  everything of %s: %s, about %s"
              .formatted(
                  machine, Counted.of(done.blocks(), "block"), Failures.bytes(done.bytes())));
      terminal.print(
          "until    " + until + " `holdfast undelete` brings it back; --list shows the ids");
    }
  }

  private void confirm(String machine) throws RefusedException {
    String typed = given;
    if (typed == null) {
      Optional<Console> console = Optional.ofNullable(System.console()).filter(Console::isTerminal);
      if (console.isEmpty()) {
        throw new RefusedException(
            "there is no terminal to type the machine's name on: give it with"
                + " --yes-delete-everything-of");
      }
      typed =
          console
              .get()
              .readLine("This deletes everything of %s. Type that name to go on: ", machine);
    }
    if (!machine.equals(typed)) {
      throw new RefusedException(
          "that is not the name of the machine, which is " + machine + ": nothing was deleted");
    }
  }
}
