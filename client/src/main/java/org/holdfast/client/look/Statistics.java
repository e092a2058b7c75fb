package org.holdfast.client.look;

import java.util.List;
import java.util.function.Consumer;
import org.holdfast.client.archive.Extent;
import org.holdfast.client.catalog.Archive;
import org.holdfast.client.catalog.BlockSource;
import org.holdfast.client.catalog.NameCounts;
import org.holdfast.client.catalog.PageReader;
import org.holdfast.core.HoldfastException;

/// How much archives hold, and how much of it is the same. Reads their pages, each once. Used once.
public final class Statistics {
  private final BlockSource blocks;
  private final Consumer<PageReader.Lost> losses;

  /// Reads with these blocks.
  ///
  /// @param losses is told of entries that cannot be read, which are not counted
  public Statistics(BlockSource blocks, Consumer<PageReader.Lost> losses) {
    this.blocks = blocks;
    this.losses = losses;
  }

  public Result of(List<Archive> archives) throws HoldfastException {
    NameCounts chunks = new NameCounts();
    PageSweep sweep = new PageSweep(blocks);
    long entries = 0;
    long bytes = 0;
    long newBytes = 0;
    for (Archive each : archives) {
      entries += each.root().entries();
      bytes += each.root().bytes();
      newBytes += each.root().newBytes();
      sweep.read(
          each,
          entry -> {
            for (Extent.Piece piece : PageSweep.pieces(entry)) {
              chunks.raise(piece.chunk(), PageSweep.end(piece));
            }
          },
          losses);
    }
    long[] different = new long[1];
    chunks.each((_, _, end) -> different[0] += end);
    return new Result(
        archives.size(), entries, bytes, sweep.pages(), chunks.used(), different[0], newBytes);
  }

  /// What was counted.
  ///
  /// @param entries of each archive, however many have the same
  /// @param bytes of their files
  /// @param pages different ones
  /// @param chunks different ones
  /// @param differentBytes what is in these, before it is compressed
  /// @param newBytes sealed length of what the backups stored that made these archives
  public record Result(
      int archives,
      long entries,
      long bytes,
      long pages,
      long chunks,
      long differentBytes,
      long newBytes) {}
}
