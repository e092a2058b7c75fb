package org.holdfast.cli;

import java.util.concurrent.Callable;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// A command that only groups others: on its own it fails, and says which there are.
@Command
final class CommandGroup implements Callable<Integer> {
  @Mixin private final Output output;

  CommandGroup(Surroundings surroundings) {
    this.output = new Output(surroundings.terminal());
  }

  @Override
  public Integer call() throws Failure {
    throw new Failure(ExitCode.FAILED, "a command is missing: --help lists them");
  }
}
