package org.holdfast.client.archive;

import java.util.HashMap;
import java.util.Map;
import org.holdfast.client.archive.Entry.Device;
import org.holdfast.client.archive.Entry.RegularFile;
import org.holdfast.client.archive.Entry.Symlink;
import org.holdfast.client.archive.Extent.Hole;
import org.holdfast.client.archive.Extent.Piece;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.Invariant;
import org.jspecify.annotations.Nullable;

/// Writes the entries of one page as they come, and is used again for the next page.
///
/// Names, attribute sets and chunks are numbered in order of first use; numbers that rarely move
/// far from one entry to the next are written as differences. One thread at a time.
final class PageBuilder {
  private final Sink chunkNames = new Sink(1 << 14);
  private final Sink strings = new Sink(1 << 8);
  private final Sink sets = new Sink(1 << 8);
  private final Sink entries = new Sink(1 << 16);
  private final Map<BlockName, Integer> chunkIndex = new HashMap<>();
  private final Map<Bytes, Integer> stringIndex = new HashMap<>();
  private final Map<Attributes, Integer> setIndex = new HashMap<>();

  private int count;
  private long bytes;
  private ArchivePath first = ArchivePath.ROOT;
  private ArchivePath last = ArchivePath.ROOT;
  private long lastMtime;
  private long lastInode;
  private long lastDevice;
  private @Nullable BlockName lastChunk;
  private long lastChunkEnd;

  /// How many entries the page holds so far.
  int count() {
    return count;
  }

  /// Length of both parts together, were the page to end here.
  int length() {
    return (1 + Sink.varintLength(chunkIndex.size()) + chunkNames.length())
        + (1 + Sink.varintLength(stringIndex.size()) + strings.length())
        + (Sink.varintLength(setIndex.size()) + sets.length())
        + (Sink.varintLength(count) + entries.length());
  }

  /// Appends an entry, or a part of a long file.
  void add(Entry entry) {
    Invariant.check(count < EntryFormat.ENTRIES_MAX, "a page's entries are bounded");
    Invariant.check(count == 0 || last.compareTo(entry.path()) < 0, "entries are sorted by path");
    entries.u8(EntryFormat.kind(entry));
    entries.varint(EntryFormat.flags(entry));
    writePath(entry.path());
    writeMetadata(entry.metadata());
    switch (entry) {
      case RegularFile file -> writeContent(file);
      case Symlink link -> entries.bytes(link.target());
      case Device device -> {
        entries.varint(Integer.toUnsignedLong(device.major()));
        entries.varint(Integer.toUnsignedLong(device.minor()));
      }
      case Entry.Folder _, Entry.Fifo _ -> {}
    }
    count++;
  }

  /// The page of what was added since the last one, at least one entry.
  EncodedPage finish() {
    Invariant.check(count > 0, "a page is not empty");
    Sink references = new Sink(chunkNames.length() + 10);
    references.u8(EntryFormat.VERSION);
    references.varint(chunkIndex.size());
    references.raw(chunkNames);
    Sink content = new Sink(length());
    content.u8(EntryFormat.VERSION);
    content.varint(stringIndex.size());
    content.raw(strings);
    content.varint(setIndex.size());
    content.raw(sets);
    content.varint(count);
    content.raw(entries);
    Invariant.check(content.length() <= EntryFormat.LENGTH_MAX, "a page's length is bounded");
    EncodedPage page =
        new EncodedPage(first, count, bytes, references.toBytes(), content.toBytes());
    clear();
    return page;
  }

  private void clear() {
    chunkNames.clear();
    strings.clear();
    sets.clear();
    entries.clear();
    chunkIndex.clear();
    stringIndex.clear();
    setIndex.clear();
    count = 0;
    bytes = 0;
    first = ArchivePath.ROOT;
    last = ArchivePath.ROOT;
    lastMtime = 0;
    lastInode = 0;
    lastDevice = 0;
    lastChunk = null;
    lastChunkEnd = 0;
  }

  private void writePath(ArchivePath path) {
    int common = last.commonLength(path);
    entries.varint(common);
    entries.bytes(path.shared(), common, path.length());
    first = count == 0 ? path : first;
    last = path;
  }

  private void writeMetadata(Metadata metadata) {
    entries.varint(metadata.mode());
    entries.varint(Integer.toUnsignedLong(metadata.userId()));
    entries.varint(Integer.toUnsignedLong(metadata.groupId()));
    writeName(metadata.userName());
    writeName(metadata.groupName());
    entries.zigzag(metadata.mtimeSeconds() - lastMtime);
    entries.varint(metadata.mtimeNanos());
    entries.zigzag(metadata.ctimeSeconds() - metadata.mtimeSeconds());
    entries.varint(metadata.ctimeNanos());
    entries.zigzag(metadata.inode() - lastInode);
    entries.zigzag(metadata.device() - lastDevice);
    lastMtime = metadata.mtimeSeconds();
    lastInode = metadata.inode();
    lastDevice = metadata.device();
    if (!metadata.attributes().isEmpty()) {
      entries.varint(indexOf(metadata.attributes()));
    }
    ArchivePath link = metadata.link();
    if (link != null) {
      entries.path(link);
    }
  }

  private void writeName(Bytes name) {
    entries.varint(name.length() == 0 ? 0 : indexOf(name) + 1);
  }

  private int indexOf(Bytes string) {
    Integer known = stringIndex.putIfAbsent(string, stringIndex.size());
    if (known != null) {
      return known;
    }
    strings.bytes(string);
    return stringIndex.size() - 1;
  }

  private int indexOf(Attributes set) {
    Integer known = setIndex.putIfAbsent(set, setIndex.size());
    if (known != null) {
      return known;
    }
    sets.varint(set.list().size());
    for (Attributes.Attribute each : set.list()) {
      sets.varint(indexOf(each.name()));
      sets.bytes(each.value());
    }
    return setIndex.size() - 1;
  }

  private void writeContent(RegularFile file) {
    entries.varint(file.size());
    if (file.offset() > 0) {
      entries.varint(file.offset());
    }
    entries.raw(file.tag());
    entries.varint(file.extents().size());
    for (Extent each : file.extents()) {
      writeExtent(each);
      bytes = EncodedPage.sum(bytes, each.length());
    }
  }

  private void writeExtent(Extent extent) {
    switch (extent) {
      case Hole hole -> {
        entries.varint(EntryFormat.EXTENT_HOLE);
        entries.varint(hole.length());
      }
      case Piece piece -> writePiece(piece);
    }
  }

  private void writePiece(Piece piece) {
    if (piece.offset() == lastChunkEnd && piece.chunk().equals(lastChunk)) {
      entries.varint(EntryFormat.EXTENT_GOES_ON);
      entries.varint(piece.length());
    } else {
      Integer known = chunkIndex.putIfAbsent(piece.chunk(), chunkIndex.size());
      if (known == null) {
        chunkNames.raw(piece.chunk().bytes());
      }
      int index = known == null ? chunkIndex.size() - 1 : known;
      entries.varint(EntryFormat.EXTENT_CHUNK + index);
      entries.varint(piece.length());
      entries.varint(piece.offset());
    }
    lastChunk = piece.chunk();
    lastChunkEnd = piece.offset() + piece.length();
  }
}
