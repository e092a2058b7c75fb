package org.holdfast.server.state;

/// What becomes of a record that fails a check which may be overridden.
public interface Misfits {
  /// It stops whoever applies it.
  Misfits STOP = (_, _) -> false;

  /// Whether to go on all the same; `seen` says what does not fit.
  boolean isTaken(Check check, String seen);
}
