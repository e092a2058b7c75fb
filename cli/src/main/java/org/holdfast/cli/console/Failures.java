package org.holdfast.cli.console;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.core.ConflictException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.UnavailableException;
import org.holdfast.server.index.IndexException;

/// What a failure is called, in one line, and which exit code it gives.
public final class Failures {
  private Failures() {}

  public static int exitCode(Throwable failure) {
    return switch (failure) {
      case Failure known -> known.exitCode();
      case UnavailableException _ -> ExitCode.NO_SERVICE;
      case ConflictException _ -> ExitCode.BUSY;
      default -> ExitCode.FAILED;
    };
  }

  /// One line that says what happened and what to do.
  public static String line(Throwable failure) {
    return oneLine(text(failure));
  }

  private static String text(Throwable failure) {
    return switch (failure) {
      case HoldfastException _, Failure _, FileAccessException _, IndexException _ ->
          String.valueOf(failure.getMessage());
      case IOException io -> reason(io);
      case OutOfMemoryError _ ->
          "out of memory: give the program more with HOLDFAST_JAVA_OPTS=-Xmx1g";
      default ->
          "a defect in holdfast ("
              + failure
              + "): please report it, with the command and what -v adds to this line";
    };
  }

  private static String reason(IOException failure) {
    return switch (failure) {
      case NoSuchFileException missing -> missing.getFile() + " does not exist: check the path";
      case AccessDeniedException denied ->
          denied.getFile() + " is closed to this user: run as another, or choose another path";
      case FileSystemException other ->
          other.getFile() + " cannot be used: " + other.getReason() + "; check the disk";
      default -> "reading or writing failed (" + failure + "): check the disk";
    };
  }

  /// Control characters cannot reach the terminal, and a script can count on one line.
  public static String oneLine(String text) {
    String line = text.lines().map(String::strip).reduce((one, two) -> one + " " + two).orElse("");
    StringBuilder clean = new StringBuilder();
    line.codePoints()
        .map(point -> Character.isISOControl(point) ? ' ' : point)
        .forEach(clean::appendCodePoint);
    return clean.toString();
  }

  /// Numbers of bytes for people: powers of ten, three digits.
  public static String bytes(long bytes) {
    if (bytes < 1000) {
      return bytes + " B";
    }
    double value = bytes;
    int unit = 0;
    for (; value >= 999.5 && unit < 6; unit++) {
      value /= 1000;
    }
    String digits = value < 9.995 ? "%.2f" : value < 99.95 ? "%.1f" : "%.0f";
    return String.format(Locale.ROOT, digits, value) + " " + " kMGTPE".charAt(unit) + "B";
  }
}
