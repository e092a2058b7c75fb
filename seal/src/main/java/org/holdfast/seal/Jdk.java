package org.holdfast.seal;

import java.security.GeneralSecurityException;

/// What to do when the JDK fails at something that it must be able to do.
final class Jdk {
  private Jdk() {}

  /// For an algorithm, key or parameter that this program has checked or chosen itself.
  static IllegalStateException failed(String what, GeneralSecurityException cause) {
    return new IllegalStateException("this JDK cannot do " + what + ": use JDK 25", cause);
  }
}
