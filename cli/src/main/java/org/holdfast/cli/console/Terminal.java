package org.holdfast.cli.console;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// The program's two streams: data goes to standard output, everything else to standard error.
///
/// On a terminal the last line of standard error may be a progress line, which is replaced or wiped
/// before anything else is written. Any thread. An edge: finds out what the streams are.
public final class Terminal {
  private static final String WIPE = "\r\u001b[K";

  private final PrintStream out;
  private final PrintStream err;
  private final boolean errIsTerminal;
  private final boolean outIsTerminal;
  private final boolean colours;
  private boolean progressShown;

  private Terminal(
      PrintStream out,
      PrintStream err,
      boolean outIsTerminal,
      boolean errIsTerminal,
      boolean colours) {
    this.out = out;
    this.err = err;
    this.outIsTerminal = outIsTerminal;
    this.errIsTerminal = errIsTerminal;
    this.colours = colours;
  }

  /// The process's own streams, in UTF-8 whatever the locale.
  public static Terminal ofProcess(Map<String, String> variables) {
    boolean wanted =
        variables.getOrDefault("NO_COLOR", "").isEmpty()
            && !variables.getOrDefault("TERM", "").equals("dumb");
    return new Terminal(
        stream(FileDescriptor.out),
        stream(FileDescriptor.err),
        isTerminal(1),
        isTerminal(2) && !variables.getOrDefault("TERM", "").equals("dumb"),
        wanted);
  }

  /// Streams of which none is a terminal.
  public static Terminal into(PrintStream out, PrintStream err) {
    return new Terminal(out, err, false, false, false);
  }

  private static PrintStream stream(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), false, StandardCharsets.UTF_8);
  }

  /// Java tells only whether standard input and output are terminals, both together.
  private static boolean isTerminal(int descriptor) {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException _) {
      return false;
    }
  }

  /// Whether help may be coloured on standard output, or on standard error.
  public boolean hasColours(boolean standardOutput) {
    return colours && (standardOutput ? outIsTerminal : errIsTerminal);
  }

  public boolean showsProgress() {
    return errIsTerminal;
  }

  public PrintStream out() {
    return out;
  }

  public PrintStream err() {
    return err;
  }

  /// Whether a person would see what goes to standard output.
  public boolean showsData() {
    return outIsTerminal;
  }

  /// Standard output for bytes. Throws as soon as nobody reads them any more.
  public OutputStream data() {
    return new OutputStream() {
      @Override
      public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
        if (out.checkError()) {
          throw new IOException("standard output is closed");
        }
      }
    };
  }

  /// A line of data.
  public synchronized void print(String line) {
    wipe();
    out.print(line + "\n");
  }

  /// A line for a person.
  public synchronized void note(String line) {
    wipe();
    err.print(line + "\n");
    err.flush();
  }

  /// Replaces the progress line; does nothing where there is no terminal.
  public synchronized void progress(String line) {
    if (errIsTerminal) {
      err.print(WIPE + line);
      err.flush();
      progressShown = true;
    }
  }

  public synchronized void wipe() {
    if (progressShown) {
      err.print(WIPE);
      err.flush();
      progressShown = false;
    }
  }

  /// Answers whether all of the data reached its reader.
  public synchronized boolean flush() {
    wipe();
    out.flush();
    err.flush();
    return !out.checkError();
  }

  /// Standard output now, for a script that reads along.
  public synchronized void flushData() {
    out.flush();
  }
}
