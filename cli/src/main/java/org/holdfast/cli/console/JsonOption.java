package org.holdfast.cli.console;

import picocli.CommandLine.Option;

/// For commands whose data a script may want.
public final class JsonOption {
  @Option(names = "--json", description = "Print lines of JSON; each has a message_type.")
  private boolean wanted;

  public boolean isWanted() {
    return wanted;
  }
}
