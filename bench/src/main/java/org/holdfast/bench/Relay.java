package org.holdfast.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicLong;

/// Hands connections on to a port of this machine, and counts what passes, both ways.
final class Relay implements AutoCloseable {
  private final ServerSocket listener;
  private final int port;
  private final AtomicLong bytes = new AtomicLong();

  private Relay(ServerSocket listener, int port) {
    this.listener = listener;
    this.port = port;
  }

  static Relay to(int port) throws IOException {
    Relay relay = new Relay(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), port);
    Thread.ofVirtual().start(relay::accept);
    return relay;
  }

  int port() {
    return listener.getLocalPort();
  }

  long bytes() {
    return bytes.get();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        Socket server = new Socket();
        server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        Thread.ofVirtual().start(() -> pass(client, server));
        Thread.ofVirtual().start(() -> pass(server, client));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void pass(Socket from, Socket to) {
    byte[] buffer = new byte[1 << 16];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        bytes.addAndGet(read);
        out.write(buffer, 0, read);
      }
    } catch (IOException e) {
      // One side has gone: the other is closed, too.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
