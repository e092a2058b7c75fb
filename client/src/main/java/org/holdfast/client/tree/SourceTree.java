package org.holdfast.client.tree;

import java.util.List;
import java.util.Optional;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;

/// A tree of entries that is read: what a backup reads, and what a restore is compared with.
///
/// Paths are relative to the root, as [TreePath] describes. The root need not be a folder. Nothing
/// follows a symlink within the tree. All methods may be called from any number of threads, for any
/// entry, long after the walk has gone past it: reading many files at once is what makes a cold
/// disk fast.
public interface SourceTree extends AutoCloseable {
  /// Starts at the root. Several walks may go on at once.
  TreeWalk walk();

  FileStatus status(byte[] path) throws FileAccessException;

  /// Opens a regular file for reading. `expected` is the entry as it was listed: if another is in
  /// its place, the exception's [FileAccessException#isVanished] holds.
  SourceFile open(byte[] path, FileStatus expected) throws FileAccessException;

  /// Where a symlink points, as the bytes that it holds.
  byte[] symlinkTarget(byte[] path) throws FileAccessException;

  /// All extended attributes that this user may read, sorted by name; empty where the file system
  /// has none.
  List<ExtendedAttribute> attributes(byte[] path) throws FileAccessException;

  /// The name that a user's number has on this machine.
  Optional<byte[]> userName(long uid);

  /// The name that a group's number has on this machine.
  Optional<byte[]> groupName(long gid);

  @Override
  void close();

  /// Where trees are: the file system of this machine, or a simulated one.
  interface Place {
    /// Opens the tree below a path from the place's root.
    SourceTree open(byte[] path) throws FileAccessException, RefusedException;

    /// All of it was read. Throws if that was not all there should have been, so that nothing is
    /// made of it.
    default void finish() throws HoldfastException {}
  }
}
