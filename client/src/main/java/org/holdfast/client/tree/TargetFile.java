package org.holdfast.client.tree;

import java.util.Set;

/// A regular file that is written. What is never written stays a hole.
///
/// [#write] may be called by many threads at once, in any order; [#finish] and [#close] by one,
/// after them.
public interface TargetFile extends AutoCloseable {
  /// The file as it is at the moment.
  FileStatus status() throws FileAccessException;

  void write(long position, byte[] bytes, int offset, int length) throws FileAccessException;

  /// Cuts the file, or extends it by a hole.
  void truncate(long size) throws FileAccessException;

  /// Waits until content and size are on disk.
  void sync() throws FileAccessException;

  /// Sets the metadata, after the last write.
  Set<Shortfall> finish(Metadata metadata) throws FileAccessException;

  /// Throws if the system lost something that it had accepted.
  @Override
  void close() throws FileAccessException;
}
