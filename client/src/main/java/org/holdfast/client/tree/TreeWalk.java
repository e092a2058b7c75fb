package org.holdfast.client.tree;

import org.jspecify.annotations.Nullable;

/// A walk through a tree in an archive's order (see [TreePath]): the root, then depth first, each
/// folder before its children. Holds the names of the folders on the way to where it is, no more.
///
/// One thread.
public interface TreeWalk extends AutoCloseable {
  /// The next step, or null at the end. What cannot be read is a step too; the walk goes on.
  @Nullable Step next();

  /// Leaves out what is in the folder that was found last.
  void skipChildren();

  @Override
  void close();

  /// One step of a walk.
  sealed interface Step permits Found, Failed {
    byte[] path();
  }

  /// An entry. The caller must not change the path.
  @SuppressWarnings("ArrayRecordComponent") // a step is read once and never compared
  record Found(byte[] path, FileStatus status) implements Step {}

  /// An entry that cannot be looked at, or a folder that cannot be listed (which then is found
  /// first, and fails next, before those of its children that were listed).
  @SuppressWarnings("ArrayRecordComponent") // a step is read once and never compared
  record Failed(byte[] path, FileAccessException reason) implements Step {}
}
