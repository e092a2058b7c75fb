package org.holdfast.client.tree;

import java.util.Arrays;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Whether two files read the same. A hole equals zeros, and is never read as such: two holes of a
/// terabyte compare at once. One thread.
final class ContentComparison {
  private static final int BUFFER_BYTES = 256 << 10;

  private final Cursor original = new Cursor();
  private final Cursor restored = new Cursor();

  /// The first byte that differs, or where the shorter file ends; empty if there is none.
  OptionalLong mismatch(SourceFile originalFile, SourceFile restoredFile)
      throws FileAccessException {
    original.start(originalFile);
    restored.start(restoredFile);
    long position = 0;
    while (true) {
      boolean hasOriginal = original.fill();
      boolean hasRestored = restored.fill();
      if (!hasOriginal || !hasRestored) {
        return hasOriginal == hasRestored ? OptionalLong.empty() : OptionalLong.of(position);
      }
      long length = Math.min(original.available(), restored.available());
      long equal = original.equalBytes(restored, length);
      if (equal < length) {
        return OptionalLong.of(position + equal);
      }
      original.pass(length);
      restored.pass(length);
      position += length;
    }
  }

  /// A place in a file: in a hole, or before bytes that were read.
  private static final class Cursor {
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private @Nullable SourceFile file;
    private long hole;
    private int from;
    private int to;

    void start(SourceFile newFile) {
      file = newFile;
      hole = 0;
      from = 0;
      to = 0;
    }

    /// Makes something available. Returns false at the end.
    boolean fill() throws FileAccessException {
      SourceFile open = Objects.requireNonNull(file);
      while (available() == 0) {
        hole = open.skipHole();
        if (hole == 0) {
          from = 0;
          to = open.read(buffer, 0, buffer.length);
          if (to < 0) {
            to = 0;
            return false;
          }
        }
      }
      return true;
    }

    long available() {
      return hole > 0 ? hole : to - from;
    }

    /// How many of the next bytes are equal in both, up to `length`, which both have available.
    long equalBytes(Cursor other, long length) {
      if (hole > 0 && other.hole > 0) {
        return length;
      }
      if (hole > 0) {
        return other.zeros((int) length);
      }
      if (other.hole > 0) {
        return zeros((int) length);
      }
      int end = (int) length;
      int at =
          Arrays.mismatch(buffer, from, from + end, other.buffer, other.from, other.from + end);
      return at < 0 ? length : at;
    }

    void pass(long length) {
      if (hole > 0) {
        hole -= length;
      } else {
        from += (int) length;
      }
    }

    private int zeros(int length) {
      int at = 0;
      while (at < length && buffer[from + at] == 0) {
        at++;
      }
      return at;
    }
  }
}
