package org.holdfast.client.tree;

import java.util.List;

/// A regular file that is read from its start to its end, holes apart.
///
/// Reads as far as the size that the file had when it was opened, or to its end if it has shrunk
/// since: neither is an error. [#status] afterwards tells whether it changed meanwhile. One thread.
///
/// ```
/// while (true) {
///   long hole = file.skipHole();   // then `hole` bytes of zeros
///   int read = file.read(buffer, 0, buffer.length);
///   if (read < 0) break;           // then `read` bytes of data
/// }
/// ```
public interface SourceFile extends AutoCloseable {
  /// The file as it was when it was opened.
  FileStatus opened();

  /// Bytes passed so far, holes included. At the end: the size of what was read.
  long position();

  /// Passes the hole that starts at the position, and returns its length; 0 where data starts.
  long skipHole() throws FileAccessException;

  /// Reads up to the next hole, the end, or `length`. Returns how many bytes: all of `length`
  /// unless a hole or the end follows, 0 only where a hole follows at once, -1 at the end.
  int read(byte[] into, int offset, int length) throws FileAccessException;

  /// The file as it is at the moment.
  FileStatus status() throws FileAccessException;

  /// As [SourceTree#attributes], of this file.
  List<ExtendedAttribute> attributes() throws FileAccessException;

  @Override
  void close();
}
