package org.holdfast.protocol;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.Invariant;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;

/// The client's side of TLS: connects to a server whose key is known beforehand.
public final class TlsConnector {
  private final SecureRandom random;
  private final Clock clock;
  private final Spawner spawner;
  private final int connectMillis;
  private final int handshakeMillis;

  /// The first limit is for each of the host's addresses, the second for the whole handshake.
  public TlsConnector(
      SecureRandom random, Clock clock, Spawner spawner, int connectMillis, int handshakeMillis) {
    this.random = random;
    this.clock = clock;
    this.spawner = spawner;
    this.connectMillis = connectMillis;
    this.handshakeMillis = handshakeMillis;
  }

  /// Connects with the key that a key file pins.
  public Connection connect(String host, int port, Bytes serverKey)
      throws RefusedException, UnavailableException {
    return connect(host, port, serverKey, "your key file");
  }

  /// Connects, and returns once the server has proved that it holds the key.
  ///
  /// @param pinnedBy what a person has the key from, as in "the invite"
  public Connection connect(String host, int port, Bytes serverKey, String pinnedBy)
      throws RefusedException, UnavailableException {
    Invariant.check(serverKey.length() == Proof.KEY_LENGTH, "length of a server key");
    String peer = (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    Socket raw = reach(host, port, peer);
    PinnedKey pin = new PinnedKey(serverKey);
    Deadline deadline = new Deadline(clock, spawner, handshakeMillis, () -> TlsTerms.drop(raw));
    boolean inTime = true;
    try {
      return shakeHands(raw, host, port, pin, serverKey, peer);
    } catch (IOException e) {
      inTime = deadline.callOff();
      TlsTerms.drop(raw);
      throw failure(e, pin, peer, pinnedBy, inTime);
    } finally {
      deadline.callOff();
    }
  }

  private Socket reach(String host, int port, String peer) throws UnavailableException {
    InetAddress[] addresses;
    try {
      addresses = InetAddress.getAllByName(host);
    } catch (UnknownHostException e) {
      throw new UnavailableException(
          "no address is known for " + peer + ": check the name and the network", e);
    }
    IOException last = new IOException("no address");
    for (InetAddress address : addresses) {
      Socket raw = new Socket();
      try {
        TlsTerms.prepare(raw);
        raw.connect(new InetSocketAddress(address, port), connectMillis);
        return raw;
      } catch (IOException e) {
        TlsTerms.drop(raw);
        last = e;
      }
    }
    throw new UnavailableException(
        "cannot reach the server at "
            + peer
            + " ("
            + StreamConnection.reason(last)
            + "): check the address, the network and that the server runs",
        last);
  }

  private Connection shakeHands(
      Socket raw, String host, int port, PinnedKey pin, Bytes serverKey, String peer)
      throws IOException {
    // A context of its own for each connection: nothing is resumed.
    SSLContext context = context(pin);
    SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(raw, host, port, true);
    SSLParameters parameters = TlsTerms.parameters();
    // The server needs no name, and whoever listens need not learn it.
    parameters.setServerNames(List.of());
    // Every server takes it, and a share of a second group that none chooses costs the better part
    // of a short command: 0.2 s of tables.
    parameters.setNamedGroups(new String[] {TlsTerms.GROUP});
    tls.setSSLParameters(parameters);
    tls.startHandshake();
    return TlsTerms.connection(raw, tls, serverKey, peer, spawner);
  }

  private SSLContext context(PinnedKey pin) {
    try {
      SSLContext context = SSLContext.getInstance(TlsTerms.VERSION);
      context.init(null, new TrustManager[] {pin}, random);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java runtime has no TLS 1.3", e);
    }
  }

  private static UnavailableException failure(
      IOException e, PinnedKey pin, String peer, String pinnedBy, boolean inTime)
      throws RefusedException, UnavailableException {
    if (pin.otherKeySeen()) {
      throw new RefusedException(
          "the server at "
              + peer
              + " shows another key than the one in "
              + pinnedBy
              + ": somebody may be in between, or the server was replaced; send nothing, and ask"
              + " its operator",
          e);
    }
    if (!inTime) {
      return new UnavailableException(
          "the server at " + peer + " took too long to answer: try again", e);
    }
    if (isCut(e)) {
      return new UnavailableException(
          "the server at "
              + peer
              + " broke the connection off ("
              + StreamConnection.reason(e)
              + "): try again",
          e);
    }
    throw new RefusedException(
        "no Holdfast server answers at "
            + peer
            + " ("
            + StreamConnection.reason(e)
            + "): check the address and the port",
        e);
  }

  private static boolean isCut(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof EOFException
          || cause instanceof SocketException
          || cause instanceof SocketTimeoutException) {
        return true;
      }
    }
    return false;
  }
}
