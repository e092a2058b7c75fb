package org.holdfast.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// The process of a server: awaited, measured from outside, and stopped by its handle.
final class ServerProcess implements AutoCloseable {
  private static final int START_SECONDS = 60;
  private static final int POLL_MILLIS = 50;

  private final Process process;

  private ServerProcess(Process process) {
    this.process = process;
  }

  /// Starts it, and waits until it is up.
  static ServerProcess start(Command command, Path folder, List<String> words, BooleanSupplier isUp)
      throws IOException, InterruptedException {
    ServerProcess server = new ServerProcess(command.start(folder, words));
    try {
      server.await(words.getFirst(), isUp);
      return server;
    } catch (IOException | InterruptedException e) {
      server.close();
      throw e;
    }
  }

  private void await(String program, BooleanSupplier isUp)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (!isUp.getAsBoolean()) {
      if (process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
        throw new IOException(program + " does not start: see the log");
      }
    }
  }

  /// A port of the loopback interface that nobody listens at.
  static int freePort() throws IOException {
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return listener.getLocalPort();
    }
  }

  static boolean listens(int port) {
    try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /// What it has used of the processors so far, and its children that have ended.
  double processorSeconds() {
    return Command.processorSeconds(process.pid());
  }

  long peakBytes() {
    return Command.peakBytes(process.pid());
  }

  /// Told to stop, and killed if it does not.
  @Override
  public void close() {
    process.destroy();
    try {
      if (process.waitFor(START_SECONDS, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }
}
