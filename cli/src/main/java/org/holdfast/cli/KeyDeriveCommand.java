package org.holdfast.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.core.HoldfastException;
import org.holdfast.seal.KeyFile;
import org.holdfast.seal.Rights;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Makes a key file that can do less than another.
@Command(
    name = "derive",
    description = "Make a key file with fewer rights.",
    footer = {
      "",
      "write: back up; cannot read anything back     read: list and restore"
          + " tidy:  delete archives, read no content       nuke: delete everything",
      "",
      "The new file has the passphrase of the old one, unless --no-passphrase says otherwise.",
      "",
      "Examples:",
      "  holdfast key derive --rights write --out write.key --no-passphrase",
      "  holdfast key derive --rights read --out read.key"
    })
final class KeyDeriveCommand implements Callable<Integer> {
  @Mixin private final KeyOptions keys;
  @Mixin private final Output output;

  @Option(
      names = "--rights",
      required = true,
      paramLabel = "RIGHT[,RIGHT]...",
      description = "Of write, read, tidy and nuke.")
  private String rights = "";

  @Option(names = "--out", required = true, paramLabel = "FILE", description = "The new file.")
  private String out = "";

  @Option(names = "--no-passphrase", description = "Leave the new file without a passphrase.")
  private boolean bare;

  KeyDeriveCommand(Surroundings surroundings) {
    this.keys = new KeyOptions(surroundings);
    this.output = new Output(surroundings.terminal());
  }

  @Override
  public Integer call() throws HoldfastException, Failure {
    var wanted = Rights.parse(rights);
    Path target = Path.of(out);
    KeyOptions.Opened source = keys.read(keys.path());
    try {
      KeyFile derived = source.file().derive(wanted);
      keys.create(target, derived, bare ? new char[0] : source.passphrase());
    } finally {
      Arrays.fill(source.passphrase(), '\0');
    }
    output.say(target + " can " + Rights.format(wanted).replace(",", ", "));
    if (source.file().serviceSecrets().isPresent()) {
      output.warn(
          "mind: without a server each key file holds the folder's log key, also "
              + target
              + "; who can write to the folder can then change its log");
    }
    return ExitCode.DONE;
  }
}
