package org.holdfast.client.backup;

import java.util.ArrayDeque;
import java.util.Deque;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Invariant;
import org.holdfast.seal.chunk.Chunker;

/// Data of one file, or of many small ones in turn, that is cut into chunks as it comes.
///
/// Files write into [#buffer] where it has room and then say how much. The cutter runs only over a
/// full buffer, from where it has come to, so that no byte is decided twice. A buffer grows until
/// it holds the longest chunk; then it is left to those who work on its chunks, and what has no
/// chunk yet moves to the next.
///
/// One thread at a time.
final class ChunkStream implements AutoCloseable {
  private final Chunker chunker;
  private final BlockStore blocks;
  private final ChunkBuffers buffers;
  private final Deque<Share> shares = new ArrayDeque<>();
  private ChunkBuffer buffer;

  /// Where the chunk begins that is next.
  private int start;

  /// Up to where it is known not to end.
  private int searched;

  private int end;

  ChunkStream(Chunker chunker, BlockStore blocks, ChunkBuffers buffers) {
    this.chunker = chunker;
    this.blocks = blocks;
    this.buffers = buffers;
    this.buffer = buffers.first();
  }

  /// After [#room], which may make another one.
  byte[] buffer() {
    return buffer.bytes();
  }

  /// Where the next bytes go.
  int position() {
    return end;
  }

  /// How many bytes there is room for, at least one: makes room by cutting chunks off.
  int room() throws HoldfastException {
    if (end == buffer.length()) {
      cut(false);
      move();
    }
    return buffer.length() - end;
  }

  /// The file has put so many bytes at [#position].
  void advance(FileExtents file, int length) {
    Invariant.check(
        length >= 0 && length <= buffer.length() - end, "no more than there is room for");
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
  }

  /// Nothing more comes. What is being worked on stays where it is.
  @Override
  public void close() {
    buffer.release();
  }

  private void move() throws HoldfastException {
    ChunkBuffer full = buffer;
    ChunkBuffer next = buffers.after(full);
    System.arraycopy(full.bytes(), start, next.bytes(), 0, end - start);
    buffer = next;
    full.release();
    searched -= start;
    end -= start;
    start = 0;
  }

  private void cut(boolean last) throws HoldfastException {
    while (start < end) {
      int cut = chunker.next(buffer.bytes(), start, searched, end, last);
      if (cut < 0) {
        searched = end;
        return;
      }
      emit(cut);
    }
  }

  private void emit(int cut) throws HoldfastException {
    PendingChunk chunk = blocks.chunk(buffer, start, cut);
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
    searched = cut;
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
