package org.holdfast.server.shard;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// What a server does whose index was not closed: it has crashed, or its machine has.
public enum AfterCrash {
  /// Reads all of the index, compares it with its digest, and serves; makes it anew if it differs.
  VERIFY,
  /// As [#VERIFY], and serves restores alone until a person has looked.
  HOLD,
  /// Trusts the index. What a disk has lost or changed without telling is noticed late or never.
  SERVE;

  /// The policy that this word means.
  public static Optional<AfterCrash> of(String word) {
    return Stream.of(values()).filter(each -> each.toString().equals(word)).findFirst();
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
