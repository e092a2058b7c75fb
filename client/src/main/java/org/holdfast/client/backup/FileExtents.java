package org.holdfast.client.backup;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.client.archive.Extent;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Invariant;
import org.jspecify.annotations.Nullable;

/// Where a file's bytes go, while they go there: runs of data and holes in the order of the file,
/// and the pieces of chunks that the data has got so far.
///
/// One thread at a time.
final class FileExtents {
  private final List<Run> runs = new ArrayList<>(1);
  private final List<Piece> pieces = new ArrayList<>(1);
  private long dataLength;
  private long placedLength;
  private boolean complete;
  private @Nullable List<Extent> known;

  /// The extents that an unchanged file has already.
  static FileExtents known(List<Extent> extents) {
    FileExtents file = new FileExtents();
    file.known = extents;
    file.complete = true;
    return file;
  }

  void data(long length) {
    dataLength += length;
    if (!runs.isEmpty() && !runs.getLast().hole) {
      runs.set(runs.size() - 1, new Run(false, runs.getLast().length + length));
      return;
    }
    runs.add(new Run(false, length));
  }

  void hole(long length) {
    runs.add(new Run(true, length));
  }

  /// No more runs will come.
  void complete() {
    complete = true;
  }

  /// The next bytes of data that have no place yet lie there.
  void place(PendingChunk chunk, int offset, int length) {
    pieces.add(new Piece(chunk, offset, length));
    placedLength += length;
    Invariant.check(placedLength <= dataLength, "a file gets as much place as it has data");
  }

  /// Whether [#extents] would not have to wait.
  boolean isReady() {
    return complete
        && placedLength == dataLength
        && pieces.stream().allMatch(piece -> piece.chunk.isNamed());
  }

  long length() {
    if (known != null) {
      return known.stream().mapToLong(Extent::length).sum();
    }
    return runs.stream().mapToLong(Run::length).sum();
  }

  /// The file's extents; waits for the names of chunks.
  List<Extent> extents() throws HoldfastException {
    if (known != null) {
      return known;
    }
    Invariant.check(complete && placedLength == dataLength, "every byte of the file has its place");
    List<Extent> extents = new ArrayList<>(runs.size() + pieces.size());
    int next = 0;
    long used = 0;
    for (Run run : runs) {
      if (run.hole) {
        extents.add(new Extent.Hole(run.length));
        continue;
      }
      for (long left = run.length; left > 0; ) {
        Piece piece = pieces.get(next);
        long length = Math.min(left, piece.length - used);
        extents.add(new Extent.Piece(piece.chunk.name(), piece.offset + used, length));
        left -= length;
        used += length;
        if (used == piece.length) {
          next++;
          used = 0;
        }
      }
    }
    return extents;
  }

  private record Run(boolean hole, long length) {}

  private record Piece(PendingChunk chunk, int offset, int length) {}
}
