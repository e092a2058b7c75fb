package org.holdfast.bucket;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.holdfast.core.CorruptException;
import org.holdfast.core.DirectFiles;
import org.jspecify.annotations.Nullable;

/// Reads how files begin, past the page cache: whoever makes an index anew reads a hundred thousand
/// of them once, and the system would read on in each, for nobody.
///
/// Safe for use by many threads.
final class Beginnings {
  /// What is longer is read for what is in it, and not to see what an object is.
  static final int LENGTH_MAX = 64 << 10;

  private final Path folder;

  /// What reads lend each other.
  private final Queue<ByteBuffer> buffers = new ConcurrentLinkedQueue<>();

  private volatile @Nullable DirectFiles files;

  Beginnings(Path folder) {
    this.folder = folder;
  }

  /// Fills the array, which is no longer than [#LENGTH_MAX].
  void read(String key, Path file, byte[] bytes) throws IOException, CorruptException {
    DirectFiles known = files;
    if (known == null) {
      known = DirectFiles.in(folder);
      files = known;
    }
    ByteBuffer lent = buffers.poll();
    ByteBuffer buffer = lent != null ? lent : known.buffer(LENGTH_MAX);
    buffer.clear().limit(known.blocks(bytes.length));
    try (FileChannel channel = known.open(file, StandardOpenOption.READ)) {
      while (buffer.position() < bytes.length) {
        if (channel.read(buffer, buffer.position()) < 0) {
          throw new CorruptException(
              "object " + key + " became shorter: something else writes to " + file);
        }
      }
      buffer.get(0, bytes);
    } finally {
      buffers.add(buffer);
    }
  }
}
