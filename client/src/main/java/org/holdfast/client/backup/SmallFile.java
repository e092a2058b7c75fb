package org.holdfast.client.backup;

import java.util.List;
import java.util.Optional;
import org.holdfast.client.tree.ExtendedAttribute;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.client.tree.FileStatus;
import org.holdfast.client.tree.SourceFile;
import org.holdfast.core.Bytes;

/// A file that was read as a whole.
///
/// @param opened what it was when it was opened
/// @param content its bytes, `length` of them
/// @param tag of its content
/// @param changed whether it has changed while it was read
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
record SmallFile(
    FileStatus opened,
    byte[] content,
    int length,
    Bytes tag,
    boolean changed,
    List<ExtendedAttribute> attributes) {
  /// Files up to so many bytes share chunks: together they compress better and cost fewer blocks,
  /// while larger ones are found again under another name.
  static final int LENGTH_MAX = 128 << 10;

  /// Reads one; empty if it is longer than that by now, or has holes: part of it may be read then.
  static Optional<SmallFile> read(SourceFile file, ContentTag tags, long lengthMax)
      throws FileAccessException {
    FileStatus opened = file.opened();
    if (opened.size() > lengthMax || file.skipHole() > 0) {
      return Optional.empty();
    }
    byte[] content = new byte[(int) opened.size()];
    int length = 0;
    while (true) {
      int read = file.read(content, length, content.length - length);
      if (read < 0) {
        break;
      }
      length += read;
      if (file.skipHole() > 0) {
        return Optional.empty();
      }
    }
    List<ExtendedAttribute> attributes = file.attributes();
    Bytes tag = tags.of(content, 0, length);
    return Optional.of(new SmallFile(opened, content, length, tag, hasChanged(file), attributes));
  }

  /// Whether a file that was read to its end is another by now.
  static boolean hasChanged(SourceFile file) throws FileAccessException {
    FileStatus after = file.status();
    return after.differsInContentFrom(file.opened()) || file.position() != after.size();
  }
}
