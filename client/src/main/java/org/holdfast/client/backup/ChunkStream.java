package org.holdfast.client.backup;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Invariant;
import org.holdfast.seal.chunk.Chunker;

/// Data of one file, or of many small ones in turn, that is cut into chunks as it comes.
///
/// Files write into [#buffer] where it has room and then say how much. The cutter runs only over a
/// full buffer, so that no byte is hashed twice but the last chunk's. It grows as it is needed:
/// most backups write little, and what is asked for is cleared first.
///
/// One thread at a time.
final class ChunkStream {
  private static final int FIRST_LENGTH = 64 << 10;

  private final Chunker chunker;
  private final BlockStore blocks;
  private final int fullLength;
  private final Deque<Share> shares = new ArrayDeque<>();
  private byte[] buffer;
  private int start;
  private int end;

  ChunkStream(Chunker chunker, BlockStore blocks) {
    this.chunker = chunker;
    this.blocks = blocks;
    this.fullLength = 2 * chunker.sizes().max();
    this.buffer = new byte[Math.min(FIRST_LENGTH, fullLength)];
  }

  /// After [#room], which may make another one.
  byte[] buffer() {
    return buffer;
  }

  /// Where the next bytes go.
  int position() {
    return end;
  }

  /// How many bytes there is room for, at least one: makes room by cutting chunks off.
  int room() throws HoldfastException {
    if (end == buffer.length && end < fullLength) {
      buffer = Arrays.copyOf(buffer, Math.min(2 * buffer.length, fullLength));
    } else if (end == buffer.length) {
      cut(false);
      System.arraycopy(buffer, start, buffer, 0, end - start);
      end -= start;
      start = 0;
    }
    return buffer.length - end;
  }

  /// The file has put so many bytes at [#position].
  void advance(FileExtents file, int length) {
    Invariant.check(length >= 0 && length <= buffer.length - end, "no more than there is room for");
    if (length == 0) {
      return;
    }
    end += length;
    file.data(length);
    if (!shares.isEmpty() && shares.getLast().file == file) {
      shares.getLast().length += length;
      return;
    }
    shares.addLast(new Share(file, length));
  }

  /// Cuts everything that is left, the last chunk at its end.
  void flush() throws HoldfastException {
    cut(true);
    start = 0;
    end = 0;
  }

  private void cut(boolean last) throws HoldfastException {
    while (end - start >= chunker.sizes().max() || (last && end > start)) {
      int cut = chunker.next(buffer, start, end, last);
      Invariant.check(cut > start, "so much data holds a whole chunk");
      emit(cut);
    }
  }

  private void emit(int cut) throws HoldfastException {
    PendingChunk chunk = blocks.chunk(Arrays.copyOfRange(buffer, start, cut));
    int length = cut - start;
    for (int offset = 0; offset < length; ) {
      Share share = shares.getFirst();
      int part = (int) Math.min(share.length, length - offset);
      share.file.place(chunk, offset, part);
      offset += part;
      share.length -= part;
      if (share.length == 0) {
        shares.removeFirst();
      }
    }
    start = cut;
  }

  /// Bytes of one file that have no chunk yet.
  private static final class Share {
    final FileExtents file;
    long length;

    Share(FileExtents file, long length) {
      this.file = file;
      this.length = length;
    }
  }
}
