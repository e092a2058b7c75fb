package org.holdfast.cli.story;

import java.util.concurrent.Callable;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Surroundings;
import picocli.CommandLine.Command;

@Command(name = "try")
public final class TryCommand implements Callable<Integer> {
  public TryCommand(Surroundings surroundings) {
  }

  @Override
  public Integer call() {
    return ExitCode.DONE;
  }
}
