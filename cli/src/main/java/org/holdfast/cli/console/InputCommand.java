package org.holdfast.cli.console;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.List;
import org.holdfast.core.RefusedException;

/// What a command writes to its standard output. The end of a command that has failed is no end but
/// a failure to read. An edge.
public final class InputCommand extends FilterInputStream {
  private final Process process;
  private final String name;

  private InputCommand(Process process, String name) {
    super(process.getInputStream());
    this.process = process;
    this.name = name;
  }

  /// Starts it. It has this process's standard input and standard error.
  public static InputStream start(List<String> words) throws RefusedException {
    try {
      Process process =
          new ProcessBuilder(words)
              .redirectInput(ProcessBuilder.Redirect.INHERIT)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      return new InputCommand(process, words.getFirst());
    } catch (IOException e) {
      throw new RefusedException("cannot start " + words.getFirst() + ": " + Failures.line(e), e);
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    int read = in.read(into, offset, length);
    if (read < 0) {
      checkExitCode();
    }
    return read;
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    super.close();
  }

  private void checkExitCode() throws IOException {
    try {
      int exitCode = process.waitFor();
      if (exitCode != 0) {
        throw new IOException(name + " failed with exit code " + exitCode);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while " + name + " was at work");
    }
  }
}
