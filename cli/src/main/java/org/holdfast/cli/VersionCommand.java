package org.holdfast.cli;

import java.util.concurrent.Callable;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Program;
import org.holdfast.cli.console.Surroundings;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;

/// Says which program this is.
@Command(
    name = "version",
    description = "Print the program's version and the Java it runs on.",
    footer = {"", "Example:", "  holdfast version"})
final class VersionCommand implements Callable<Integer> {
  @Mixin private final Output output;

  VersionCommand(Surroundings surroundings) {
    this.output = new Output(surroundings.terminal());
  }

  @Override
  public Integer call() {
    output.terminal().print(text());
    return ExitCode.DONE;
  }

  private static String text() {
    return Program.NAME + " (Java " + Runtime.version() + ")";
  }

  /// For `--version`.
  static final class Provider implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {text()};
    }
  }
}
