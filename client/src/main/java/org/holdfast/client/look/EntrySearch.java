package org.holdfast.client.look;

import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.catalog.Archive;
import org.holdfast.client.catalog.BlockSource;
import org.holdfast.client.catalog.PageReader;
import org.holdfast.core.BlockName;
import org.holdfast.core.HoldfastException;

/// Entries that match, archive after archive. A page in which nothing matched is not read again for
/// the other archives that have it; of a thousand archives that hardly differ, the pages are read
/// once. One thread.
public final class EntrySearch {
  private final BlockSource blocks;
  private final Predicate<Entry> wanted;
  private final Set<BlockName> without = new HashSet<>();

  public EntrySearch(BlockSource blocks, Predicate<Entry> wanted) {
    this.blocks = blocks;
    this.wanted = wanted;
  }

  /// Hands on what matches in one archive.
  public void in(
      Archive archive, ArchivePath subtree, Consumer<Entry> found, Consumer<PageReader.Lost> losses)
      throws HoldfastException {
    List<BlockName> names = archive.root().pages();
    BitSet pages = PageReader.pages(archive, subtree);
    for (int page = pages.nextSetBit(0); page >= 0; page = pages.nextSetBit(page + 1)) {
      if (without.contains(names.get(page))) {
        pages.clear(page);
      }
    }
    PageReader reader = new PageReader(blocks, archive, pages);
    boolean isAnythingLost = false;
    Set<Integer> with = new HashSet<>();
    for (PageReader.Step step = reader.next(); step != null; step = reader.next()) {
      switch (step) {
        case PageReader.Lost lost -> {
          isAnythingLost = true;
          losses.accept(lost);
        }
        case PageReader.Found(Entry entry) -> {
          boolean isLaterPart = entry instanceof Entry.RegularFile file && file.offset() > 0;
          if (!isLaterPart && wanted.test(entry)) {
            with.add(reader.page());
            if (subtree.contains(entry.path())) {
              found.accept(entry);
            }
          }
        }
      }
    }
    if (!isAnythingLost) {
      pages.stream()
          .filter(page -> !with.contains(page))
          .mapToObj(names::get)
          .forEach(without::add);
    }
  }
}
