package org.holdfast.client.restore;

/// Whose the restored entries are.
public enum Owners {
  /// By their names where they are known on this machine, else by their numbers.
  BY_NAME,
  /// By their numbers.
  BY_NUMBER,
  /// Theirs who restores: no owner is set, nor what lets a file run with its owner's rights.
  NONE
}
