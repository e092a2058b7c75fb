package org.holdfast.core;

/// The program has found itself in a state that its own rules exclude. Nothing after this is safe.
public final class InvariantException extends RuntimeException {
  private static final long serialVersionUID = 1;

  InvariantException(String what) {
    super("invariant broken: " + what);
  }
}
