package org.holdfast.core;

/// A condition that holds unless the program itself is wrong. Always on.
public final class Invariant {
  private Invariant() {}

  /// Stops the caller if the condition does not hold.
  public static void check(boolean holds, String what) {
    if (!holds) {
      throw new InvariantException(what);
    }
  }
}
