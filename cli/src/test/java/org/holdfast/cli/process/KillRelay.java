package org.holdfast.cli.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.function.BooleanSupplier;

/// The address that clients know, in front of whichever server serves at the time. It counts what
/// servers answer, so that a kill can be aimed at a step of the conversation and not only at a
/// time.
///
/// A connection stays with the server that it began with.
final class KillRelay implements AutoCloseable {
  private final ServerSocket listening;
  private int target;
  private long answers;

  private KillRelay(ServerSocket listening) {
    this.listening = listening;
  }

  static KillRelay start() throws IOException {
    KillRelay relay = new KillRelay(new ServerSocket(0, 64, InetAddress.getLoopbackAddress()));
    Thread.ofVirtual().name("relay").start(relay::accept);
    return relay;
  }

  int port() {
    return listening.getLocalPort();
  }

  /// Where connections go that begin from now on.
  synchronized void lead(int port) {
    target = port;
  }

  /// Pieces that servers have sent so far, to all clients.
  synchronized long answers() {
    return answers;
  }

  /// Waits until servers have sent so many pieces, or whoever asks for them has ended.
  synchronized void await(long count, BooleanSupplier hasEnded) throws InterruptedException {
    while (answers < count && !hasEnded.getAsBoolean()) {
      wait(10);
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        connect(client);
      } catch (IOException e) {
        // Closed, which ends the loop; or a client that was killed meanwhile, and others come.
      }
    }
  }

  private void connect(Socket client) throws IOException {
    int port;
    synchronized (this) {
      port = target;
    }
    try {
      Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      Thread.ofVirtual().start(() -> carry(client, server, false));
      Thread.ofVirtual().start(() -> carry(server, client, true));
    } catch (IOException e) {
      client.close();
    }
  }

  private void carry(Socket from, Socket to, boolean isAnswer) {
    byte[] buffer = new byte[1 << 16];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        if (isAnswer) {
          count();
        }
        out.write(buffer, 0, count);
      }
    } catch (IOException e) {
      // One of the two is gone: so is the connection.
    }
  }

  private synchronized void count() {
    answers++;
    notifyAll();
  }
}
