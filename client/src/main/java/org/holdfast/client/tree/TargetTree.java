package org.holdfast.client.tree;

import java.util.OptionalLong;
import java.util.Set;
import org.holdfast.core.CorruptException;

/// A tree that is written: where a restore goes.
///
/// - Nothing is created, changed or followed outside the root, whatever the paths say and whatever
///   somebody else puts in the way.
/// - A path that [TreePath#check] refuses is a [CorruptException].
/// - Parents come before children. Nothing is overwritten; only [#openExisting] opens what is
///   there, and only [#remove] takes something away.
/// - Metadata comes last, children before their folder: until then a folder has mode 0700 and a
///   file 0600, so that folders of the archive that cannot be written can be filled, and nobody
///   else reads a file whose owner is not set yet.
/// - What this user may not do is returned as [Shortfall]s, never thrown.
///
/// Any number of threads, on different entries.
public interface TargetTree extends AutoCloseable {
  /// What this user or this file system will not be able to set, as far as can be told beforehand.
  Set<Shortfall> expectedShortfalls();

  /// Whether nothing is in the root.
  boolean isEmpty() throws FileAccessException;

  /// Creates a folder. Returns false if a folder was there, which then can be written.
  boolean createFolder(byte[] path) throws FileAccessException, CorruptException;

  TargetFile createFile(byte[] path) throws FileAccessException, CorruptException;

  /// Opens a regular file that an interrupted restore has created.
  TargetFile openExisting(byte[] path) throws FileAccessException, CorruptException;

  void createSymlink(byte[] path, byte[] target) throws FileAccessException, CorruptException;

  /// Gives an entry of this tree, which must not be a folder, a second name.
  void createHardLink(byte[] path, byte[] existing) throws FileAccessException, CorruptException;

  /// Creates a FIFO, a socket's name or a device. `major` and `minor` count for devices only. With
  /// a shortfall, nothing was created.
  Set<Shortfall> createSpecial(byte[] path, FileType type, int major, int minor)
      throws FileAccessException, CorruptException;

  /// Takes a name away from anything but a folder: for what must not be left looking complete.
  void remove(byte[] path) throws FileAccessException, CorruptException;

  /// Sets the metadata of anything but a regular file. The empty path stands for the root.
  Set<Shortfall> finish(byte[] path, FileType type, Metadata metadata)
      throws FileAccessException, CorruptException;

  /// The number that a user's name has on this machine.
  OptionalLong userNumber(byte[] name);

  /// The number that a group's name has on this machine.
  OptionalLong groupNumber(byte[] name);

  /// Waits until all that was written is on disk.
  void sync() throws FileAccessException;

  @Override
  void close();
}
