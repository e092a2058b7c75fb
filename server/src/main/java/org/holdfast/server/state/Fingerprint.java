package org.holdfast.server.state;

import org.holdfast.log.StateDigest;

/// What is known of a set of rows: the digest of those that are logical state, and a checksum of
/// all, places and what is said of segments included. Both are sums, so that rows come and go in
/// any order; the checksum modulo 2^64.
///
/// Logs that say the same agree in the digest. The checksum is an index's own, and shows what a
/// disk has lost or changed.
public record Fingerprint(StateDigest digest, long checksum) {
  static final Fingerprint ZERO = new Fingerprint(StateDigest.ZERO, 0);

  Fingerprint plus(Fingerprint other) {
    return new Fingerprint(digest.plus(other.digest), checksum + other.checksum);
  }

  Fingerprint minus(Fingerprint other) {
    return new Fingerprint(digest.minus(other.digest), checksum - other.checksum);
  }

  @Override
  public String toString() {
    return String.format("%s (checksum %016x)", digest, checksum);
  }
}
