package org.holdfast.protocol;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.holdfast.core.Bytes;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.core.UnavailableException;

/// A TLS listener on loopback whose connections a test takes one by one.
final class TlsService implements AutoCloseable {
  private static final int CONNECT_MILLIS = 10_000;

  final ServerIdentity identity = ServerIdentity.create(new SecureRandom());
  final BlockingQueue<Connection> connections = new LinkedBlockingQueue<>();
  final BlockingQueue<String> dropped = new LinkedBlockingQueue<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final TlsListener listener;

  TlsService(int handshakeMillis) throws UnavailableException {
    listener =
        TlsListener.open(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            identity,
            new SecureRandom(),
            new SystemClock(),
            Spawner.virtual(),
            handshakeMillis,
            dropped::add);
    Thread.startVirtualThread(() -> listener.serve(this::keep));
  }

  int port() {
    return listener.port();
  }

  Connection connect(Bytes key) throws Exception {
    return new TlsConnector(
            new SecureRandom(),
            new SystemClock(),
            Spawner.virtual(),
            CONNECT_MILLIS,
            CONNECT_MILLIS)
        .connect("localhost", port(), key);
  }

  Pipe.Ends ends() throws Exception {
    Connection client = connect(identity.publicKey());
    Connection server = connections.poll(10, TimeUnit.SECONDS);
    if (server == null) {
      throw new AssertionError("no connection: " + dropped);
    }
    return new Pipe.Ends(client, server);
  }

  @Override
  public void close() {
    closed.countDown();
    listener.close();
  }

  private void keep(Connection connection) {
    connections.add(connection);
    try {
      closed.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
