package org.holdfast.protocol;

import java.net.Socket;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;

/// Trusts one public key and nothing else: no authority, no host name, no date. TLS itself proves
/// that the server holds the private half.
final class PinnedKey extends X509ExtendedTrustManager {
  private final Bytes key;
  private volatile boolean otherKeySeen;

  PinnedKey(Bytes key) {
    this.key = key;
  }

  /// Whether a server has shown another key.
  boolean otherKeySeen() {
    return otherKeySeen;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw new CertificateException("clients show no certificates");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    checkClientTrusted(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    checkClientTrusted(chain, type);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }

  private void check(X509Certificate[] chain) throws CertificateException {
    if (chain.length == 0 || !isPinned(chain[0])) {
      otherKeySeen = true;
      throw new CertificateException("not the pinned key");
    }
  }

  private boolean isPinned(X509Certificate certificate) {
    try {
      Bytes shown = RawKeys.raw(certificate.getPublicKey());
      return MessageDigest.isEqual(shown.toArray(), key.toArray());
    } catch (CorruptException e) {
      return false;
    }
  }
}
