package org.holdfast.client.look;

import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.archive.Extent;
import org.holdfast.client.catalog.Archive;
import org.holdfast.client.catalog.BlockSource;
import org.holdfast.client.catalog.PageReader;
import org.holdfast.core.BlockName;
import org.holdfast.core.HoldfastException;

/// Reads the pages of archives, each once however many archives have it. One thread.
final class PageSweep {
  private final BlockSource blocks;
  private final Set<BlockName> read = new HashSet<>();

  PageSweep(BlockSource blocks) {
    this.blocks = blocks;
  }

  /// Pages read so far.
  int pages() {
    return read.size();
  }

  /// Hands on the entries of those of an archive's pages that were not read before; of a long file
  /// each part.
  void read(Archive archive, Consumer<Entry> entries, Consumer<PageReader.Lost> losses)
      throws HoldfastException {
    BitSet pages = PageReader.pages(archive, ArchivePath.ROOT);
    List<BlockName> names = archive.root().pages();
    for (int page = pages.nextSetBit(0); page >= 0; page = pages.nextSetBit(page + 1)) {
      if (!read.add(names.get(page))) {
        pages.clear(page);
      }
    }
    PageReader reader = new PageReader(blocks, archive, pages);
    for (PageReader.Step step = reader.next(); step != null; step = reader.next()) {
      switch (step) {
        case PageReader.Lost lost -> losses.accept(lost);
        case PageReader.Found(Entry entry) -> entries.accept(entry);
      }
    }
  }

  /// Where an entry's content is.
  static List<Extent.Piece> pieces(Entry entry) {
    if (!(entry instanceof Entry.RegularFile file)) {
      return List.of();
    }
    return file.extents().stream()
        .filter(Extent.Piece.class::isInstance)
        .map(Extent.Piece.class::cast)
        .toList();
  }

  /// Where a piece ends in its chunk, which is never longer than an `int` says.
  static int end(Extent.Piece piece) {
    return (int) Math.min(Integer.MAX_VALUE, piece.offset() + piece.length());
  }
}
