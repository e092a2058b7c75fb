package org.holdfast.client.restore;

import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.catalog.Archive;
import org.holdfast.client.catalog.BlockSource;
import org.holdfast.client.catalog.PageReader;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;

/// The entries of an archive, or of a subtree with its own entry first, in the archive's order.
public final class Listing {
  private final BlockSource blocks;
  private final Archive archive;
  private final ArchivePath subtree;

  public Listing(BlockSource blocks, Archive archive, ArchivePath subtree) {
    this.blocks = blocks;
    this.archive = archive;
    this.subtree = subtree;
  }

  /// Hands all entries to the sink as they are read. Throws [RefusedException] if the archive holds
  /// nothing under that path.
  public <X extends Exception> void forEach(Sink<X> sink) throws HoldfastException, X {
    boolean found = subtree.isRoot();
    PageReader reader = PageReader.of(blocks, archive, subtree);
    for (PageReader.Step step = reader.next(); step != null; step = reader.next()) {
      switch (step) {
        case PageReader.Lost lost -> {
          found = true;
          sink.lost(lost);
        }
        case PageReader.Found each -> {
          if (subtree.contains(each.entry().path())) {
            found = true;
            hand(each.entry(), sink);
          }
        }
      }
    }
    if (!found) {
      throw new RefusedException(
          "there is no such path in archive %s: `holdfast ls %s` lists what is there"
              .formatted(archive.info().name(), archive.info().id()));
    }
  }

  /// A long file is one entry, whatever its parts.
  private static <X extends Exception> void hand(Entry entry, Sink<X> sink) throws X {
    boolean laterPart = entry instanceof Entry.RegularFile file && file.offset() > 0;
    if (!laterPart) {
      sink.entry(new ListedEntry(entry));
    }
  }

  /// Takes the entries in.
  public interface Sink<X extends Exception> {
    void entry(ListedEntry entry) throws X;

    /// Entries that cannot be read; the listing goes on behind them.
    void lost(PageReader.Lost lost) throws X;
  }
}
