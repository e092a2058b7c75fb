package org.holdfast.protocol;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.holdfast.core.Clock;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;

/// The server's side of TLS: a bound port, and a thread for each connection.
///
/// - The handshake runs on the connection's own thread, within a time limit for the whole of it.
/// - Only so many handshakes run at once; the others wait in the kernel's queue.
/// - A connection that fails before its handshake is complete costs the listener nothing but a line
///   to the observer.
public final class TlsListener implements AutoCloseable {
  private static final int BACKLOG = 256;
  private static final int MAX_HANDSHAKES = 256;

  /// After a failed accept, most likely for want of file descriptors.
  private static final long ACCEPT_PAUSE_MILLIS = 100;

  /// One second more than the seven days that RFC 8446 allows: the JDK then sends no tickets.
  private static final int NO_TICKETS_SECONDS = 604_801;

  private final ServerSocket socket;
  private final SSLContext context;
  private final ServerIdentity identity;
  private final Clock clock;
  private final Spawner spawner;
  private final int handshakeMillis;
  private final Consumer<String> observer;
  private final Semaphore handshakes = new Semaphore(MAX_HANDSHAKES);

  private TlsListener(
      ServerSocket socket,
      SSLContext context,
      ServerIdentity identity,
      Clock clock,
      Spawner spawner,
      int handshakeMillis,
      Consumer<String> observer) {
    this.socket = socket;
    this.context = context;
    this.identity = identity;
    this.clock = clock;
    this.spawner = spawner;
    this.handshakeMillis = handshakeMillis;
    this.observer = observer;
  }

  /// Binds the port. The observer is told, in one line, of each connection that came to nothing.
  public static TlsListener open(
      InetSocketAddress address,
      ServerIdentity identity,
      SecureRandom random,
      Clock clock,
      Spawner spawner,
      int handshakeMillis,
      Consumer<String> observer)
      throws UnavailableException {
    SSLContext context = context(identity, random);
    try {
      ServerSocket socket = new ServerSocket();
      socket.bind(address, BACKLOG);
      return new TlsListener(socket, context, identity, clock, spawner, handshakeMillis, observer);
    } catch (IOException e) {
      throw new UnavailableException(
          "cannot listen on "
              + address
              + " ("
              + StreamConnection.reason(e)
              + "): choose another address, or stop whoever uses it",
          e);
    }
  }

  /// The port that is bound, which matters if 0 was asked for.
  public int port() {
    return socket.getLocalPort();
  }

  /// Accepts connections until [#close].
  public void serve(ConnectionHandler handler) {
    while (!socket.isClosed()) {
      handshakes.acquireUninterruptibly();
      boolean handedOver = false;
      try {
        Socket raw = socket.accept();
        spawner.spawn("connection " + peer(raw), () -> run(raw, handler));
        handedOver = true;
      } catch (IOException e) {
        pause(e);
      } finally {
        if (!handedOver) {
          handshakes.release();
        }
      }
    }
  }

  /// Stops accepting. Connections that exist go on.
  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      observer.accept("closing the port failed: " + StreamConnection.reason(e));
    }
  }

  private void run(Socket raw, ConnectionHandler handler) {
    try {
      Connection connection;
      try {
        connection = shakeHands(raw);
      } finally {
        handshakes.release();
      }
      try (connection) {
        handler.handle(connection);
      }
    } catch (IOException e) {
      observer.accept("no connection with " + peer(raw) + ": " + StreamConnection.reason(e));
    } finally {
      TlsTerms.drop(raw);
    }
  }

  private Connection shakeHands(Socket raw) throws IOException {
    Deadline deadline = new Deadline(clock, spawner, handshakeMillis, () -> TlsTerms.drop(raw));
    try {
      TlsTerms.prepare(raw);
      SSLSocket tls =
          (SSLSocket) context.getSocketFactory().createSocket(raw, null, raw.getPort(), true);
      tls.setUseClientMode(false);
      tls.setSSLParameters(TlsTerms.parameters());
      tls.startHandshake();
      return TlsTerms.connection(raw, tls, identity.publicKey(), peer(raw), spawner);
    } finally {
      deadline.callOff();
    }
  }

  private void pause(IOException reason) {
    if (socket.isClosed()) {
      return;
    }
    observer.accept("accepting a connection failed: " + StreamConnection.reason(reason));
    try {
      clock.sleepMillis(ACCEPT_PAUSE_MILLIS);
    } catch (InterruptedException e) {
      close();
    }
  }

  private static String peer(Socket raw) {
    return String.valueOf(raw.getRemoteSocketAddress()).replaceFirst("^/", "");
  }

  private static SSLContext context(ServerIdentity identity, SecureRandom random) {
    try {
      char[] password = new char[0];
      KeyStore keys = KeyStore.getInstance("PKCS12");
      keys.load(null, password);
      Certificate[] chain = {identity.certificate()};
      keys.setKeyEntry("server", identity.privateKey(), password, chain);
      KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
      managers.init(keys, password);
      SSLContext context = SSLContext.getInstance(TlsTerms.VERSION);
      context.init(managers.getKeyManagers(), null, random);
      context.getServerSessionContext().setSessionTimeout(NO_TICKETS_SECONDS);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("this Java runtime cannot serve TLS 1.3", e);
    }
  }
}
