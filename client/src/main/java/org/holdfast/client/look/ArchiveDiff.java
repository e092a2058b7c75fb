package org.holdfast.client.look;

import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.catalog.Archive;
import org.holdfast.client.catalog.BlockSource;
import org.holdfast.client.catalog.PageReader;
import org.holdfast.core.BlockName;
import org.holdfast.core.HoldfastException;
import org.jspecify.annotations.Nullable;

/// What differs between two archives of a machine below a path, in the archives' order.
///
/// Pages that both have are not read: their entries are the same. So the cost is that of the pages
/// in which something has changed.
public final class ArchiveDiff {
  private final BlockSource blocks;
  private final Archive before;
  private final Archive after;
  private final ArchivePath subtree;

  public ArchiveDiff(BlockSource blocks, Archive before, Archive after, ArchivePath subtree) {
    this.blocks = blocks;
    this.before = before;
    this.after = after;
    this.subtree = subtree;
  }

  /// Hands on each change. What cannot be read of either archive is told of, and what lies there
  /// seems to have come or gone.
  public void forEach(Consumer<Change> changes, Consumer<PageReader.Lost> losses)
      throws HoldfastException {
    WholeEntries left = entries(before, after, losses);
    WholeEntries right = entries(after, before, losses);
    WholeEntries.Whole was = left.next();
    WholeEntries.Whole is = right.next();
    while (was != null || is != null) {
      int order = order(was, is);
      if (order < 0 && was != null) {
        changes.accept(new Change(Change.Kind.REMOVED, was.entry(), List.of()));
        was = left.next();
      } else if (order > 0 && is != null) {
        changes.accept(new Change(Change.Kind.ADDED, is.entry(), List.of()));
        is = right.next();
      } else if (was != null && is != null) {
        Optional<Change> change = EntryChanges.of(was, is);
        change.ifPresent(changes);
        was = left.next();
        is = right.next();
      }
    }
  }

  private WholeEntries entries(Archive archive, Archive other, Consumer<PageReader.Lost> losses)
      throws HoldfastException {
    Set<BlockName> shared = new HashSet<>(other.root().pages());
    BitSet pages = PageReader.pages(archive, subtree);
    for (int page = pages.nextSetBit(0); page >= 0; page = pages.nextSetBit(page + 1)) {
      if (shared.contains(archive.root().pages().get(page))) {
        pages.clear(page);
      }
    }
    return new WholeEntries(blocks, archive, pages, subtree, losses);
  }

  private static int order(WholeEntries.@Nullable Whole was, WholeEntries.@Nullable Whole is) {
    if (was == null) {
      return 1;
    }
    return is == null ? -1 : was.entry().path().compareTo(is.entry().path());
  }
}
