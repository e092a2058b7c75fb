package org.holdfast.client.archive;

import org.holdfast.core.BlockName;
import org.holdfast.core.Invariant;

/// A run of a file's bytes. A file's extents follow each other without gap.
public sealed interface Extent {
  /// Length in bytes, at least 1.
  long length();

  /// Zeros that take no place.
  record Hole(long length) implements Extent {
    public Hole {
      Invariant.check(length > 0, "an extent is not empty");
    }
  }

  /// The bytes `offset` to `offset + length` of a chunk, as they were before it was sealed.
  record Piece(BlockName chunk, long offset, long length) implements Extent {
    public Piece {
      Invariant.check(length > 0, "an extent is not empty");
      Invariant.check(offset >= 0 && offset <= Long.MAX_VALUE - length, "an extent's end fits");
    }
  }
}
