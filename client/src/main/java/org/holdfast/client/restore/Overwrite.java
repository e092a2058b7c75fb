package org.holdfast.client.restore;

/// What a restore does where there is something already.
public enum Overwrite {
  /// It begins only in an empty folder.
  REFUSE,
  /// What is there stays as it is.
  NEVER,
  /// A file stays that has the size and the time of modification of the archive's, and gets its
  /// other metadata; all else is replaced. So an interrupted restore goes on.
  CHANGED,
  /// A file stays as it is that is as new as the archive's, or newer; all else is replaced.
  OLDER,
  /// Everything is replaced but folders, which get the archive's metadata.
  ALWAYS;

  /// Whether it depends on a file that is there what becomes of it.
  boolean looksFirst() {
    return this == NEVER || this == CHANGED || this == OLDER;
  }
}
