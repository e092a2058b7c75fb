package org.holdfast.client.tree;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// The capabilities of this process, as bits.
final class Capabilities {
  private static final String FIELD = "CapEff:";
  private static final int RADIX = 16;

  private Capabilities() {}

  /// Where the kernel does not say, root has all and others have none.
  static long effective(Scratch scratch) {
    return ProcFile.read("status")
        .flatMap(Capabilities::parse)
        .orElseGet(() -> Libc.geteuid(scratch) == 0 ? -1L : 0L);
  }

  static Optional<Long> parse(byte[] status) {
    return new String(status, StandardCharsets.ISO_8859_1)
        .lines()
        .filter(line -> line.startsWith(FIELD))
        .map(line -> Long.parseUnsignedLong(line.substring(FIELD.length()).strip(), RADIX))
        .findFirst();
  }
}
