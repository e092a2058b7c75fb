package org.holdfast.cli.console;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How much a command says, and in which form. Every command has these options.
public final class Output {
  private final Terminal terminal;

  @Option(
      names = {"-q", "--quiet"},
      description = "Say nothing but errors and the data asked for.")
  private boolean quiet;

  @Option(
      names = {"-v", "--verbose"},
      description = "Say more; with an error, where it came from.")
  private boolean verbose;

  public Output(Terminal terminal) {
    this.terminal = terminal;
  }

  public Terminal terminal() {
    return terminal;
  }

  public boolean isQuiet() {
    return quiet;
  }

  public boolean isVerbose() {
    return verbose;
  }

  /// A line for a person, on standard error.
  public void say(String line) {
    if (!quiet) {
      terminal.note(line);
    }
  }

  /// A line that must be seen, also when quiet.
  public void warn(String line) {
    terminal.note(Failures.oneLine(line));
  }

  /// Something that only a curious person wants to know.
  public void detail(@Nullable String line) {
    if (verbose) {
      terminal.note(Failures.oneLine(String.valueOf(line)));
    }
  }
}
