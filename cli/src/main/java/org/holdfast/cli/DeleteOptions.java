package org.holdfast.cli;

import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.cli.link.Link;
import org.holdfast.cli.link.Links;
import org.holdfast.core.HoldfastException;
import org.holdfast.seal.KeyFile;
import picocli.CommandLine.Option;

/// What commands that delete archives have in common.
final class DeleteOptions {
  @Option(
      names = {"-n", "--dry-run"},
      description = "Say what it would come to, and delete nothing.")
  private boolean dryRun;

  @Option(
      names = "--end-backup",
      description = "Also if that ends a backup that is at work or was cut off.")
  private boolean endBackup;

  boolean isDryRun() {
    return dryRun;
  }

  boolean endsBackup() {
    return endBackup;
  }

  /// A way to the service that is broken off when the command is stopped. A dry run needs none that
  /// writes.
  Link open(Surroundings surroundings, KeyFile keyFile, KeyOptions keys)
      throws HoldfastException, Failure {
    Links links = new Links(surroundings);
    Link link =
        dryRun ? links.read(keyFile, keys.cacheFolder()) : links.write(keyFile, keys.cacheFolder());
    surroundings.whenStopped(link::breakOff);
    return link;
  }
}
