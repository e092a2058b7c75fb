package org.holdfast.seal;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.Invariant;

/// Which backup run's keys seal a part.
///
/// 16 bytes; compared by value.
public record RunId(Bytes bytes) {
  /// Length in bytes.
  public static final int LENGTH = 16;

  private static final byte[] NAME = "holdfast run 1".getBytes(StandardCharsets.US_ASCII);

  public RunId {
    Invariant.check(bytes.length() == LENGTH, "RunId has " + LENGTH + " bytes");
  }

  static RunId random(SecureRandom random) {
    byte[] bytes = new byte[LENGTH];
    random.nextBytes(bytes);
    return new RunId(Bytes.wrap(bytes));
  }

  /// What this run's RUN block is called. Whoever has a part can find it, without a key.
  public BlockName blockName() {
    return BlockName.of(Digests.sha256(NAME, bytes.toArray()));
  }

  @Override
  public String toString() {
    return bytes.toString();
  }
}
