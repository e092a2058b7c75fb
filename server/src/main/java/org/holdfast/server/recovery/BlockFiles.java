package org.holdfast.server.recovery;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.core.BlockName;
import org.holdfast.core.UnavailableException;

/// What records say of blocks, in the order of the log, in files as a [BlockPlan] has them.
///
/// ```
/// +--------+---------+---------+ number 8 | begun 8 | length 4 | crc 4 | place 16    stored
/// | kind 1 | group 4 | name 32 | stored 8 | begun 8 | length 4 | crc 4 | place 16 | deleted 8
/// |        |         |         | stored 8 | begun 8                                 deleted
/// +--------+---------+---------+ number 8 | stored 8                                freed
/// ```
///
/// The first forty bytes of *stored*, behind the name, are the value of the copy's row.
///
/// Used by one thread.
final class BlockFiles implements AutoCloseable {
  static final byte STORED = 1;
  static final byte MOVED = 2;
  static final byte DELETED = 3;
  static final byte FREED = 4;

  static final int KEY_LENGTH = 5 + BlockName.LENGTH;

  /// No record is longer.
  static final int LENGTH_MAX = KEY_LENGTH + 48;

  private static final int BUFFER_LENGTH_MIN = 4 << 10;
  private static final int BUFFER_LENGTH_MAX = 64 << 10;

  /// Of few records a file there are many files: a buffer has a byte for so many records.
  private static final int BUFFER_PART = 10;

  private final List<Part> parts = new ArrayList<>();

  /// Files in `folder`, of about `records` records each.
  BlockFiles(Path folder, BlockPlan plan, int records) throws UnavailableException {
    int length = Math.clamp(records / BUFFER_PART, BUFFER_LENGTH_MIN, BUFFER_LENGTH_MAX);
    for (int i = 0; i < plan.files(); i++) {
      parts.add(new Part(ScratchFile.open(folder.resolve("blocks-" + i)), length));
    }
  }

  /// What a router has made, in the order of the log.
  void add(BlockRouter routed) throws UnavailableException {
    byte[] bytes = routed.bytes();
    int at = 0;
    for (int i = 0; i < routed.count(); i++) {
      int length = length(bytes[at]);
      parts.get(routed.file(i)).add(bytes, at, length);
      at += length;
    }
  }

  /// Of a record of this kind.
  static int length(byte kind) {
    return switch (kind) {
      case STORED -> KEY_LENGTH + 40;
      case MOVED -> KEY_LENGTH + 48;
      default -> KEY_LENGTH + 16;
    };
  }

  /// All that was added is in them.
  List<Part> parts() throws UnavailableException {
    for (Part part : parts) {
      part.flush();
    }
    return parts;
  }

  @Override
  public void close() {
    parts.forEach(part -> part.file.close());
  }

  /// One file.
  static final class Part {
    private final ScratchFile file;
    private final ByteBuffer buffer;
    private int records;

    Part(ScratchFile file, int bufferLength) {
      this.file = file;
      this.buffer = ByteBuffer.allocateDirect(bufferLength);
      file.cut(0);
    }

    int records() {
      return records;
    }

    long length() {
      return file.length();
    }

    /// The first bytes of it.
    void read(byte[] target, int count) throws UnavailableException {
      file.read(0, ByteBuffer.wrap(target, 0, count));
    }

    private void add(byte[] bytes, int from, int length) throws UnavailableException {
      if (buffer.remaining() < length) {
        flush();
      }
      buffer.put(bytes, from, length);
      records++;
    }

    private void flush() throws UnavailableException {
      file.append(buffer.flip());
      buffer.clear();
    }
  }
}
