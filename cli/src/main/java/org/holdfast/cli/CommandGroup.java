package org.holdfast.cli;

import java.util.concurrent.Callable;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import picocli.CommandLine.Command;

/// A command that only groups others: on its own it fails, and says which there are.
@Command
final class CommandGroup implements Callable<Integer> {
  @Override
  public Integer call() throws Failure {
    throw new Failure(ExitCode.FAILED, "a command is missing: --help lists them");
  }
}
