package org.holdfast.protocol;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.holdfast.core.Bytes;
import org.holdfast.core.Spawner;

/// What both ends of a TLS connection agree on, and the connection that comes of it.
final class TlsTerms {
  static final String VERSION = "TLSv1.3";
  static final String GROUP = "x25519";

  /// The longest silence; the other end sends PING every 30 to 60 s.
  static final int SILENCE_MILLIS = 120_000;

  private static final String APPLICATION = "holdfast/1";
  private static final String EXPORTER = "EXPORTER-holdfast-1";
  private static final int BINDING_LENGTH = 32;

  /// How long an orderly close may take before the socket is simply dropped.
  private static final Duration CLOSE_TIME = Duration.ofMillis(500);

  /// The JDK reads once more before it closes, for as long as the socket's time-out.
  private static final int CLOSE_READ_MILLIS = 1;

  private TlsTerms() {}

  static SSLParameters parameters() {
    SSLParameters parameters = new SSLParameters();
    parameters.setProtocols(new String[] {VERSION});
    parameters.setCipherSuites(
        new String[] {"TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"});
    parameters.setNamedGroups(new String[] {GROUP, "secp256r1"});
    parameters.setSignatureSchemes(new String[] {"ed25519"});
    parameters.setApplicationProtocols(new String[] {APPLICATION});
    return parameters;
  }

  static void prepare(Socket socket) throws SocketException {
    socket.setTcpNoDelay(true);
    socket.setKeepAlive(true);
  }

  /// After the handshake: throws an [IOException] if the other end does not speak our protocol.
  static Connection connection(
      Socket raw, SSLSocket tls, Bytes serverKey, String peer, Spawner spawner) throws IOException {
    if (!APPLICATION.equals(tls.getApplicationProtocol())) {
      throw new IOException("it does not speak " + APPLICATION);
    }
    byte[] binding =
        ((ExtendedSSLSession) tls.getSession())
            .exportKeyingMaterialData(EXPORTER, null, BINDING_LENGTH);
    raw.setSoTimeout(SILENCE_MILLIS);
    return new StreamConnection(
        tls.getInputStream(),
        tls.getOutputStream(),
        Bytes.wrap(binding),
        serverKey,
        peer,
        () -> close(raw, tls, spawner));
  }

  static void drop(Socket raw) {
    try {
      raw.close();
    } catch (IOException e) {
      // The socket is gone either way.
    }
  }

  /// TLS says goodbye in order, but waits for ever for a writer that is stuck, or for room in a
  /// peer that has stopped reading; so it gets a thread and a moment. Dropping the TCP socket under
  /// it wakes everybody.
  private static void close(Socket raw, SSLSocket tls, Spawner spawner) {
    Thread orderly =
        spawner.spawn(
            "close",
            () -> {
              try {
                raw.setSoTimeout(CLOSE_READ_MILLIS);
                tls.close();
              } catch (IOException e) {
                // The socket is dropped below.
              }
            });
    try {
      boolean inTime = orderly.join(CLOSE_TIME);
      if (inTime) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      drop(raw);
    }
  }
}
