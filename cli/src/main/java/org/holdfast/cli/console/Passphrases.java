package org.holdfast.cli.console;

import java.io.Console;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/// Where a key file's passphrase comes from: a file, a command, a variable, an open descriptor, or
/// the terminal; the first that is there.
///
/// One end of line at the end does not belong to the passphrase. The caller wipes what it is given.
/// An edge: reads files, runs a command, asks the terminal.
public final class Passphrases {
  private static final int BYTES_MAX = 4096;

  private final Surroundings surroundings;

  public Passphrases(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  /// For a key file that has one. Throws a [Failure] where there is nobody to ask.
  public char[] ask(Path keyFile) throws Failure {
    Optional<char[]> given = given();
    if (given.isPresent()) {
      return given.get();
    }
    return prompt("Passphrase of " + keyFile + ": ");
  }

  /// For a key file that is to have one.
  public char[] choose(Path keyFile) throws Failure {
    Optional<char[]> given = given();
    if (given.isPresent()) {
      return given.get();
    }
    char[] first = prompt("New passphrase for " + keyFile + ": ");
    char[] second = prompt("The same again: ");
    boolean same = Arrays.equals(first, second);
    Arrays.fill(second, '\0');
    if (!same) {
      Arrays.fill(first, '\0');
      throw new Failure(ExitCode.WRONG_PASSPHRASE, "the two differ: repeat the command");
    }
    return first;
  }

  private Optional<char[]> given() throws Failure {
    Optional<String> file = surroundings.variable("HOLDFAST_PASSPHRASE_FILE");
    Optional<String> command = surroundings.variable("HOLDFAST_PASSPHRASE_COMMAND");
    Optional<String> text = surroundings.variable("HOLDFAST_PASSPHRASE");
    Optional<String> descriptor = surroundings.variable("HOLDFAST_PASSPHRASE_FD");
    if (file.isPresent()) {
      return Optional.of(ofFile("HOLDFAST_PASSPHRASE_FILE", Path.of(file.get())));
    }
    if (command.isPresent()) {
      return Optional.of(ofCommand(command.get()));
    }
    if (text.isPresent()) {
      return Optional.of(text.get().toCharArray());
    }
    if (descriptor.isPresent()) {
      Path open = Path.of("/proc/self/fd").resolve(descriptor.get());
      return Optional.of(ofFile("HOLDFAST_PASSPHRASE_FD", open));
    }
    return Optional.empty();
  }

  private static char[] ofFile(String variable, Path file) throws Failure {
    try (var in = Files.newInputStream(file)) {
      return decode(variable, in.readNBytes(BYTES_MAX + 1));
    } catch (IOException e) {
      throw new Failure(
          ExitCode.WRONG_PASSPHRASE, variable + " cannot be read: " + Failures.line(e), e);
    }
  }

  private static char[] ofCommand(String command) throws Failure {
    try {
      Process process =
          new ProcessBuilder("/bin/sh", "-c", command)
              .redirectInput(ProcessBuilder.Redirect.INHERIT)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      byte[] bytes = process.getInputStream().readNBytes(BYTES_MAX + 1);
      int status = process.waitFor();
      if (status != 0) {
        throw new Failure(
            ExitCode.WRONG_PASSPHRASE,
            "HOLDFAST_PASSPHRASE_COMMAND failed with exit code " + status + ": run it by hand");
      }
      return decode("HOLDFAST_PASSPHRASE_COMMAND", bytes);
    } catch (IOException e) {
      throw new Failure(
          ExitCode.WRONG_PASSPHRASE,
          "HOLDFAST_PASSPHRASE_COMMAND cannot be run (" + e.getMessage() + "): check it",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure(ExitCode.INTERRUPTED, "interrupted", e);
    }
  }

  private static char[] decode(String source, byte[] bytes) throws Failure {
    if (bytes.length == 0 || bytes.length > BYTES_MAX) {
      throw new Failure(
          ExitCode.WRONG_PASSPHRASE,
          source + " gives no passphrase: it must have 1 to " + BYTES_MAX + " bytes");
    }
    int length = bytes[bytes.length - 1] == '\n' ? bytes.length - 1 : bytes.length;
    CharBuffer chars = StandardCharsets.UTF_8.decode(ByteBuffer.wrap(bytes, 0, length));
    char[] passphrase = new char[chars.remaining()];
    chars.get(passphrase);
    Arrays.fill(bytes, (byte) 0);
    Arrays.fill(chars.array(), '\0');
    return passphrase;
  }

  private char[] prompt(String question) throws Failure {
    Optional<Console> console = Optional.ofNullable(System.console()).filter(Console::isTerminal);
    if (console.isPresent()) {
      surroundings.terminal().wipe();
      char[] typed = console.get().readPassword("%s", question);
      if (typed != null && typed.length > 0) {
        return typed;
      }
    }
    throw new Failure(
        ExitCode.WRONG_PASSPHRASE,
        "the key file needs a passphrase and none was given: type it on a terminal, or set"
            + " HOLDFAST_PASSPHRASE_FILE, HOLDFAST_PASSPHRASE_COMMAND or HOLDFAST_PASSPHRASE");
  }
}
