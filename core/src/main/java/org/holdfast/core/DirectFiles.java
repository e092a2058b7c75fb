package org.holdfast.core;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// Opens files past the page cache (`O_DIRECT`), where a file system allows it: what is written
/// once and read once or never would drive all else from there, and to find room in a cache that is
/// full takes the processor longer than to move the bytes.
///
/// Of such a file whole blocks are read and written, at multiples of their length. Only the end of
/// a file may be less than a block. From and to a [#buffer] nothing is copied.
///
/// @param blockLength in bytes
/// @param isDirect false where files are opened as ever
public record DirectFiles(int blockLength, boolean isDirect) {
  /// At least so long: memory has pages of that length.
  private static final int BLOCK_LENGTH_MIN = 4 << 10;

  /// Where blocks are longer, as on a network, a header is too short to be worth one.
  private static final int BLOCK_LENGTH_MAX = 64 << 10;

  /// On the file system of this folder.
  public static DirectFiles in(Path folder) throws IOException {
    return folder.getFileSystem().equals(FileSystems.getDefault())
        ? ofBlocks(Files.getFileStore(folder).getBlockSize())
        : new DirectFiles(BLOCK_LENGTH_MIN, false);
  }

  /// Of a file system that has blocks of this length: it wants them whole, and memory at a multiple
  /// of it.
  static DirectFiles ofBlocks(long length) {
    boolean isDirect = length <= BLOCK_LENGTH_MAX && Long.bitCount(length) == 1;
    return new DirectFiles(
        isDirect ? (int) Math.max(length, BLOCK_LENGTH_MIN) : BLOCK_LENGTH_MIN, isDirect);
  }

  /// Past the page cache, or else by way of it.
  public FileChannel open(Path file, OpenOption... options) throws IOException {
    Optional<OpenOption> direct = Named.DIRECT;
    if (isDirect && direct.isPresent()) {
      Set<OpenOption> all = new HashSet<>(Set.of(options));
      all.add(direct.get());
      try {
        return FileChannel.open(file, all);
      } catch (NoSuchFileException e) {
        throw e;
      } catch (IOException | UnsupportedOperationException e) {
        // It cannot, or what is in the way is met at once.
      }
    }
    return FileChannel.open(file, options);
  }

  /// As many bytes as this, in whole blocks.
  public int blocks(int length) {
    return Math.ceilDiv(length, blockLength) * blockLength;
  }

  /// One of so many bytes, in whole blocks; in the heap where nothing is direct.
  public ByteBuffer buffer(int length) {
    if (!isDirect) {
      return ByteBuffer.allocate(blocks(length));
    }
    ByteBuffer aligned =
        ByteBuffer.allocateDirect(blocks(length) + blockLength).alignedSlice(blockLength);
    return aligned.limit(blocks(length)).slice();
  }

  /// What Java calls it where it has it; no API names it.
  private static final class Named {
    static final Optional<OpenOption> DIRECT = find();

    private static Optional<OpenOption> find() {
      try {
        for (Object each :
            Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants()) {
          if (each instanceof OpenOption option && each.toString().equals("DIRECT")) {
            return Optional.of(option);
          }
        }
      } catch (ClassNotFoundException e) {
        // This Java has none.
      }
      return Optional.empty();
    }
  }
}
