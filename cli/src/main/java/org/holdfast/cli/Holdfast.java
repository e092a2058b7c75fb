package org.holdfast.cli;

import java.util.concurrent.Callable;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import picocli.CommandLine.Command;

/// The program itself: what there is to do.
@Command(
    name = "holdfast",
    description = "Online backup that trusts neither the server nor the bucket.",
    footer = {
      "",
      "To see all of it work on this machine:  holdfast try" + " To back up to a folder:",
      "  holdfast init --service dir:/mnt/usb/backups --machine laptop",
      "  holdfast backup ~/documents",
      "  holdfast restore latest --target /tmp/back",
      "",
      "Exit codes: 0 done; 1 failed; 2 failed after the server's state changed; 3 some files could"
          + " not be read; 10 no service; 11 busy; 12 wrong passphrase; 130 interrupted."
    })
final class Holdfast implements Callable<Integer> {
  @Override
  public Integer call() throws Failure {
    throw new Failure(ExitCode.FAILED, "a command is missing: holdfast --help lists them");
  }
}
