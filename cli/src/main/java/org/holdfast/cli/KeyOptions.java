package org.holdfast.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Passphrases;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.client.archive.SeenArchive;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.holdfast.seal.KeyFile;
import org.holdfast.seal.KeyFileFormat;
import org.holdfast.seal.KeyFileReading;
import org.holdfast.seal.KeyFileStore;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which key file and which cache folder a client's command uses; opens the key file.
final class KeyOptions {
  private final Surroundings surroundings;

  @Option(
      names = "--keyfile",
      paramLabel = "FILE",
      description = {
        "The key file, which also knows the service.",
        "Else $HOLDFAST_KEYFILE, else ~/.config/holdfast/key."
      })
  private @Nullable String keyFile;

  @Option(
      names = "--cache",
      paramLabel = "DIR",
      description = {
        "Where the client keeps what it can do without.",
        "Else $HOLDFAST_CACHE, else ~/.cache/holdfast."
      })
  private @Nullable String cache;

  KeyOptions(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  Path path() throws Failure {
    if (keyFile != null) {
      return Path.of(keyFile);
    }
    var variable = surroundings.variable("HOLDFAST_KEYFILE");
    return variable.isPresent()
        ? Path.of(variable.get())
        : surroundings.userFolder("XDG_CONFIG_HOME", ".config").resolve("holdfast/key");
  }

  Path cacheFolder() throws Failure {
    if (cache != null) {
      return Path.of(cache).toAbsolutePath();
    }
    var variable = surroundings.variable("HOLDFAST_CACHE");
    return variable.isPresent()
        ? Path.of(variable.get()).toAbsolutePath()
        : surroundings.userFolder("XDG_CACHE_HOME", ".cache").resolve("holdfast");
  }

  /// Where the machine's own part of the cache is.
  Path machineFolder(KeyFile file) throws Failure {
    return cacheFolder().resolve("machines").resolve(file.machineId().toString());
  }

  /// The newest archive that this machine remembers to have made, if it made any here.
  Optional<SeenArchive> seen(KeyFile file) throws Failure, HoldfastException {
    return SeenArchive.read(machineFolder(file));
  }

  KeyFile open() throws Failure, HoldfastException {
    return read(path()).file();
  }

  /// Opens a key file, asking for its passphrase if it has one.
  Opened read(Path path) throws Failure, HoldfastException {
    byte[] bytes = bytes(path);
    return switch (parse(path, bytes, null)) {
      case KeyFileReading.Open open -> new Opened(open.file(), new char[0]);
      case KeyFileReading.PassphraseNeeded _, KeyFileReading.PassphraseWrong _ -> {
        char[] passphrase = new Passphrases(surroundings).ask(path);
        if (parse(path, bytes, passphrase) instanceof KeyFileReading.Open open) {
          yield new Opened(open.file(), passphrase);
        }
        Arrays.fill(passphrase, '\0');
        throw new Failure(
            ExitCode.WRONG_PASSPHRASE,
            "this is not the passphrase of " + path + ": try again, nothing has been changed");
      }
    };
  }

  /// Without its secrets, and without asking for a passphrase.
  KeyFileReading look(Path path) throws Failure, HoldfastException {
    return parse(path, bytes(path), null);
  }

  private byte[] bytes(Path path) throws Failure, HoldfastException {
    try {
      return new KeyFileStore(surroundings.random()).read(path);
    } catch (UnavailableException e) {
      throw new Failure(
          ExitCode.FAILED,
          e.getMessage() + "; run this as a user who may read it, or name another with --keyfile",
          e);
    }
  }

  private static KeyFileReading parse(Path path, byte[] bytes, char @Nullable [] passphrase)
      throws Failure {
    try {
      return KeyFileFormat.read(bytes, passphrase);
    } catch (org.holdfast.core.CorruptException e) {
      String message = e.getMessage();
      String advice = message.contains(";") ? "" : "; use another copy of the key file";
      throw new Failure(ExitCode.FAILED, path + ": " + message + advice, e);
    }
  }

  /// Writes a key file in place of one that is there, under its passphrase.
  void replace(Path path, KeyFile file, char[] passphrase) throws Failure, HoldfastException {
    try {
      new KeyFileStore(surroundings.random()).replace(path, bytes(file, passphrase));
    } catch (UnavailableException e) {
      throw new Failure(ExitCode.FAILED, e.getMessage(), e);
    }
  }

  private byte[] bytes(KeyFile file, char[] passphrase) throws HoldfastException {
    return passphrase.length == 0
        ? KeyFileFormat.write(file)
        : KeyFileFormat.write(
            file, passphrase, org.holdfast.seal.Argon2id.DEFAULT, surroundings.random());
  }

  /// Writes a new key file under a passphrase, or under none if that is empty.
  void create(Path path, KeyFile file, char[] passphrase) throws Failure, HoldfastException {
    byte[] bytes = bytes(file, passphrase);
    try {
      new KeyFileStore(surroundings.random()).create(path, bytes);
    } catch (UnavailableException e) {
      throw new Failure(ExitCode.FAILED, e.getMessage() + "; choose another place", e);
    } catch (RefusedException e) {
      throw new Failure(ExitCode.FAILED, e.getMessage(), e);
    }
  }

  /// A key file and the passphrase that opened it, empty if it needed none. Whoever has it wipes
  /// it.
  @SuppressWarnings("ArrayRecordComponent") // to be wiped, never compared
  record Opened(KeyFile file, char[] passphrase) {
    @Override
    public String toString() {
      return file.toString();
    }
  }
}
