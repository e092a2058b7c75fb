package org.holdfast.client.archive;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.client.archive.Entry.Device;
import org.holdfast.client.archive.Entry.DeviceKind;
import org.holdfast.client.archive.Entry.Fifo;
import org.holdfast.client.archive.Entry.Folder;
import org.holdfast.client.archive.Entry.RegularFile;
import org.holdfast.client.archive.Entry.Symlink;
import org.holdfast.client.archive.Extent.Hole;
import org.holdfast.client.archive.Extent.Piece;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.Invariant;
import org.jspecify.annotations.Nullable;

/// Reads the entries of a page one by one, and refuses every page that no [PageEncoder] writes.
///
/// Time and memory are bounded by the page's length and by one path of the longest kind for an
/// entry. The last entry is given only once the whole page has been found good; entries before it
/// may already have been given when [CorruptException] comes. One thread at a time.
public final class PageDecoder {
  private final Source source;
  private final PageTables tables;
  private final int count;

  private int read;
  private @Nullable ArchivePath last;
  private long lastMtime;
  private long lastInode;
  private long lastDevice;
  private @Nullable BlockName lastChunk;
  private long lastChunkEnd;

  /// Takes both parts of the page.
  public PageDecoder(Bytes references, Bytes content) throws CorruptException {
    List<BlockName> chunks = PageReferences.decode(references);
    source = new Source("a page's list of entries", content.toArray());
    if (content.length() > EntryFormat.LENGTH_MAX) {
      throw source.fault("it is too long");
    }
    source.version(EntryFormat.VERSION);
    tables = new PageTables(source, chunks);
    count = source.count(1, EntryFormat.ENTRIES_MAX);
  }

  /// How many entries the page holds, those already read included.
  public int count() {
    return count;
  }

  public boolean hasNext() {
    return read < count;
  }

  /// The next entry, which may be a part of a long file; there must be one.
  public Entry next() throws CorruptException {
    Invariant.check(hasNext(), "a page is not read beyond its end");
    Entry entry = entry();
    read++;
    if (read == count) {
      source.end();
      tables.checkAllUsed();
    }
    return entry;
  }

  private Entry entry() throws CorruptException {
    int kind = source.u8();
    int flags = (int) source.varint(0, 63);
    if ((flags & ~EntryFormat.flagsAllowed(kind)) != 0) {
      throw source.fault("an entry has flags that its kind cannot have");
    }
    ArchivePath path = path();
    if (path.isRoot() && kind != EntryFormat.KIND_FOLDER) {
      throw source.fault("the empty path is not a folder's");
    }
    Metadata metadata = metadata(flags, path);
    return switch (kind) {
      case EntryFormat.KIND_REGULAR -> file(path, metadata, flags);
      case EntryFormat.KIND_FOLDER ->
          new Folder(path, metadata, (flags & EntryFormat.FLAG_ANCESTOR_ONLY) != 0);
      case EntryFormat.KIND_SYMLINK -> new Symlink(path, metadata, target());
      case EntryFormat.KIND_FIFO -> new Fifo(path, metadata);
      case EntryFormat.KIND_CHARACTER_DEVICE -> device(path, metadata, DeviceKind.CHARACTER);
      case EntryFormat.KIND_BLOCK_DEVICE -> device(path, metadata, DeviceKind.BLOCK);
      default -> throw source.fault("kind " + kind + " of entry is not known");
    };
  }

  private ArchivePath path() throws CorruptException {
    ArchivePath before = last == null ? ArchivePath.ROOT : last;
    int common = source.count(0, before.length());
    int rest = source.count(0, ArchivePath.LENGTH_MAX - common);
    if (common < before.length() && rest > 0 && source.peek() == before.at(common)) {
      throw source.fault("a path shares more bytes than it says");
    }
    if (rest > source.remaining()) {
      throw source.fault("it ends too early");
    }
    byte[] bytes = new byte[common + rest];
    System.arraycopy(before.shared(), 0, bytes, 0, common);
    source.rawInto(bytes, common);
    ArchivePath path = ArchivePath.wrap(bytes);
    if (last != null && last.compareTo(path) >= 0) {
      throw source.fault("entries are not sorted by path");
    }
    last = path;
    return path;
  }

  private Metadata metadata(int flags, ArchivePath path) throws CorruptException {
    int mode = source.count(0, Metadata.MODE_MAX);
    int userId = source.unsignedInt();
    int groupId = source.unsignedInt();
    Bytes userName = tables.name(source.varint());
    Bytes groupName = tables.name(source.varint());
    lastMtime += source.zigzag();
    int mtimeNanos = source.count(0, Metadata.NANOS_MAX);
    long ctime = lastMtime + source.zigzag();
    int ctimeNanos = source.count(0, Metadata.NANOS_MAX);
    lastInode += source.zigzag();
    lastDevice += source.zigzag();
    Attributes attributes =
        (flags & EntryFormat.FLAG_ATTRIBUTES) == 0 ? Attributes.NONE : tables.set(source.varint());
    ArchivePath link = (flags & EntryFormat.FLAG_HARD_LINKED) == 0 ? null : source.path();
    if (link != null && link.compareTo(path) >= 0) {
      throw source.fault("a hard link's first name does not come first");
    }
    return new Metadata(
        mode,
        userId,
        groupId,
        userName,
        groupName,
        lastMtime,
        mtimeNanos,
        ctime,
        ctimeNanos,
        lastInode,
        lastDevice,
        attributes,
        link);
  }

  private Bytes target() throws CorruptException {
    Bytes target = source.bytes(1, Symlink.TARGET_LENGTH_MAX);
    if (!Symlink.isTarget(target)) {
      throw source.fault("a symbolic link's target holds a NUL");
    }
    return target;
  }

  private Device device(ArchivePath path, Metadata metadata, DeviceKind kind)
      throws CorruptException {
    int major = source.unsignedInt();
    int minor = source.unsignedInt();
    return new Device(path, metadata, kind, major, minor);
  }

  private RegularFile file(ArchivePath path, Metadata metadata, int flags) throws CorruptException {
    long size = source.varint();
    boolean later = (flags & EntryFormat.FLAG_LATER_PART) != 0;
    long offset = later ? source.varint(1, size) : 0;
    Bytes tag =
        (flags & EntryFormat.FLAG_TAG) == 0
            ? RegularFile.NO_TAG
            : source.rawBytes(RegularFile.TAG_LENGTH);
    List<Extent> extents = extents(size - offset);
    boolean changed = (flags & EntryFormat.FLAG_CHANGED) != 0;
    RegularFile file = new RegularFile(path, metadata, size, offset, changed, tag, extents);
    checkPart(file);
    return file;
  }

  private List<Extent> extents(long length) throws CorruptException {
    int extentCount = source.count(0, RegularFile.EXTENTS_MAX);
    List<Extent> extents = new ArrayList<>(Math.min(extentCount, 16));
    long rest = length;
    for (int i = 0; i < extentCount; i++) {
      Extent extent = extent(rest);
      rest -= extent.length();
      extents.add(extent);
    }
    return extents;
  }

  private Extent extent(long rest) throws CorruptException {
    long code = source.varint();
    long length = source.varint(1, rest);
    if (code == EntryFormat.EXTENT_HOLE) {
      return new Hole(length);
    }
    boolean goesOn = code == EntryFormat.EXTENT_GOES_ON;
    BlockName chunk = goesOn ? lastChunk : tables.chunk(code - EntryFormat.EXTENT_CHUNK);
    long offset = goesOn ? lastChunkEnd : source.varint();
    if (chunk == null || offset > Long.MAX_VALUE - length) {
      throw source.fault("an extent lies nowhere");
    }
    if (!goesOn && offset == lastChunkEnd && chunk.equals(lastChunk)) {
      throw source.fault("an extent names the chunk that it goes on in");
    }
    lastChunk = chunk;
    lastChunkEnd = offset + length;
    return new Piece(chunk, offset, length);
  }

  /// Only a page's first entry is a later part, and only its one entry is short of its size.
  private void checkPart(RegularFile file) throws CorruptException {
    boolean isShort = file.end() < file.size();
    if (isShort && (count > 1 || file.extents().size() != RegularFile.EXTENTS_MAX)) {
      throw source.fault("a file's extents do not add up to its size");
    }
    boolean empty = file.extents().isEmpty();
    if (file.offset() > 0 && (read > 0 || empty)) {
      throw source.fault("a later part of a file stands where it cannot be");
    }
  }
}
