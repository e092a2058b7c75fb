package org.holdfast.client.look;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.BitSet;
import java.util.function.Consumer;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.archive.Extent;
import org.holdfast.client.catalog.Archive;
import org.holdfast.client.catalog.BlockSource;
import org.holdfast.client.catalog.PageReader;
import org.holdfast.core.Bytes;
import org.holdfast.core.HoldfastException;
import org.jspecify.annotations.Nullable;

/// The entries of some pages of an archive below a path, in order, each path once. One thread.
final class WholeEntries {
  private static final Bytes NOTHING = Bytes.wrap(new byte[0]);

  private final PageReader reader;
  private final ArchivePath subtree;
  private final Consumer<PageReader.Lost> losses;
  private @Nullable Entry ahead;
  private boolean isOver;

  /// @param losses is told of what cannot be read; the reading goes on behind it
  WholeEntries(
      BlockSource blocks,
      Archive archive,
      BitSet pages,
      ArchivePath subtree,
      Consumer<PageReader.Lost> losses)
      throws HoldfastException {
    this.reader = new PageReader(blocks, archive, pages);
    this.subtree = subtree;
    this.losses = losses;
    advance();
  }

  /// The next entry, or null at the end.
  @Nullable Whole next() throws HoldfastException {
    Entry first = ahead;
    if (first == null) {
      return null;
    }
    advance();
    if (!(first instanceof Entry.RegularFile file)) {
      return new Whole(first, NOTHING);
    }
    Contents contents = file.tag().length() > 0 ? null : new Contents();
    if (contents != null) {
      contents.add(file);
    }
    while (ahead instanceof Entry.RegularFile part && part.path().equals(first.path())) {
      if (contents != null) {
        contents.add(part);
      }
      advance();
    }
    return new Whole(first, contents == null ? file.tag() : contents.name());
  }

  private void advance() throws HoldfastException {
    ahead = null;
    while (!isOver && ahead == null) {
      switch (reader.next()) {
        case null -> isOver = true;
        case PageReader.Lost lost -> losses.accept(lost);
        case PageReader.Found(Entry entry) -> ahead = subtree.contains(entry.path()) ? entry : null;
      }
    }
  }

  /// An entry and, of a regular file, what names its content: two files of one machine with the
  /// same name have the same content. The other way round it holds for files as a backup stores
  /// them, as they are cut in the same places.
  record Whole(Entry entry, Bytes content) {}

  /// A digest of where a file's bytes are.
  private static final class Contents {
    private final MessageDigest digest;

    Contents() {
      try {
        digest = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every JDK has SHA-256", e);
      }
    }

    void add(Entry.RegularFile file) {
      for (Extent each : file.extents()) {
        switch (each) {
          case Extent.Hole hole -> number(hole.length());
          case Extent.Piece piece -> {
            digest.update(piece.chunk().bytes().toArray());
            number(piece.offset());
            number(piece.length());
          }
        }
      }
    }

    Bytes name() {
      return Bytes.wrap(digest.digest());
    }

    private void number(long value) {
      for (int shift = Long.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
        digest.update((byte) (value >>> shift));
      }
    }
  }
}
