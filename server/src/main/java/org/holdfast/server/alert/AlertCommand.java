package org.holdfast.server.alert;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.holdfast.core.UnavailableException;

/// Runs a command of the operator's with the lines on its standard input. Its own output goes where
/// the server's errors go.
///
/// An edge: starts processes.
public final class AlertCommand implements Alarm {
  private static final long SECONDS_MAX = 60;

  private final String command;

  /// The command is one for `/bin/sh -c`.
  public AlertCommand(String command) {
    this.command = command;
  }

  /// Throws if the command cannot be started, fails, or takes longer than a minute, after which it
  /// is killed.
  @Override
  public void tell(String lines) throws UnavailableException {
    Process process;
    try {
      process =
          new ProcessBuilder("/bin/sh", "-c", command)
              .redirectOutput(Redirect.DISCARD)
              .redirectError(Redirect.INHERIT)
              .start();
    } catch (IOException e) {
      throw new UnavailableException("alert-command cannot be started: " + e.getMessage(), e);
    }
    try (OutputStream in = process.getOutputStream()) {
      in.write(lines.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It need not read to the end.
    }
    try {
      if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
        throw new UnavailableException(
            "alert-command took longer than " + SECONDS_MAX + " s and was killed");
      }
      if (process.exitValue() != 0) {
        throw new UnavailableException("alert-command ended with exit code " + process.exitValue());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted while alert-command ran", e);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
