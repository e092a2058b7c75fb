package org.holdfast.client.restore;

/// What a restore does where there is something already.
public enum Overwrite {
  /// It begins only in an empty folder.
  REFUSE,
  /// A file stays that has the size and the time of modification of the archive's, and gets its
  /// other metadata; all else is replaced. So an interrupted restore goes on.
  CHANGED
}
