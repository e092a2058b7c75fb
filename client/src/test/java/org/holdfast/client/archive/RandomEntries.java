package org.holdfast.client.archive;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.holdfast.client.archive.Attributes.Attribute;
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
import org.jspecify.annotations.Nullable;

/// Entries of every kind with everything odd that the format allows, the same for the same seed.
///
/// Every path's folders are there too, as in a walk; so is the folder `/`. Small files lie one
/// behind the other in shared chunks, some chunks are used again, some files are linked.
public final class RandomEntries {
  private static final long[] ODD_NUMBERS = {
    0, 1, -1, 1 << 20, Integer.MAX_VALUE, Integer.MIN_VALUE, Long.MAX_VALUE, Long.MIN_VALUE
  };
  private static final int CHUNK_LENGTH = 1 << 20;

  private final Random random;
  private final List<BlockName> chunks = new ArrayList<>();
  private final List<Attributes> sets = new ArrayList<>(List.of(Attributes.NONE));
  private int fill = CHUNK_LENGTH;

  public RandomEntries(long seed) {
    random = new Random(seed);
  }

  /// So many entries, at least one, sorted by path.
  public List<Entry> list(int count) {
    TreeMap<ArchivePath, Boolean> paths = new TreeMap<>();
    paths.put(ArchivePath.ROOT, true);
    List<ArchivePath> folders = new ArrayList<>(List.of(ArchivePath.ROOT));
    while (paths.size() < count) {
      ArchivePath parent = folders.get(random.nextInt(folders.size()));
      ArchivePath path = child(parent);
      boolean folder = random.nextInt(8) == 0 && path.length() < 4_000;
      if (paths.putIfAbsent(path, folder) == null && folder) {
        folders.add(path);
      }
    }
    List<Entry> entries = new ArrayList<>();
    List<Entry> linked = new ArrayList<>();
    paths.forEach((path, folder) -> entries.add(folder ? folder(path) : leaf(path, linked)));
    return entries;
  }

  /// A name of 1 to 255 bytes, not `.` or `..`, which need not be UTF-8.
  public byte[] name() {
    byte[] name =
        switch (random.nextInt(8)) {
          case 0 -> bytes(1 + random.nextInt(255));
          case 1 -> bytes(1 + random.nextInt(3));
          case 2 -> "...".getBytes();
          case 3 -> new byte[] {'a', (byte) (random.nextBoolean() ? '!' : '0')};
          case 4 -> ("\n\u001b[31m" + random.nextInt(100)).getBytes();
          default -> ("file-" + random.nextInt(100_000) + ".txt").getBytes();
        };
    for (int i = 0; i < name.length; i++) {
      name[i] = name[i] == 0 || name[i] == '/' ? (byte) 0xff : name[i];
    }
    boolean dots = name.length <= 2 && new String(name).chars().allMatch(c -> c == '.');
    return dots ? new byte[] {'d'} : name;
  }

  /// Metadata of a file with one name.
  public Metadata metadata() {
    return metadata(null);
  }

  private ArchivePath child(ArchivePath parent) {
    try {
      return parent.child(name());
    } catch (CorruptException e) {
      throw new AssertionError("the generator makes proper names", e);
    }
  }

  private Metadata metadata(@Nullable ArchivePath link) {
    return new Metadata(
        random.nextInt(1 << 12),
        random.nextInt(4) == 0 ? random.nextInt() : 1000,
        random.nextInt(4) == 0 ? random.nextInt() : 100,
        owner("user"),
        owner("group"),
        number(1_700_000_000L),
        nanos(),
        number(1_700_000_000L),
        nanos(),
        number(1 << 30),
        number(64_768),
        attributes(),
        link);
  }

  private Folder folder(ArchivePath path) {
    return new Folder(path, metadata(), random.nextInt(4) == 0);
  }

  private Entry leaf(ArchivePath path, List<Entry> linked) {
    if (!linked.isEmpty() && random.nextInt(10) == 0) {
      return anotherName(path, linked.get(random.nextInt(linked.size())));
    }
    boolean first = random.nextInt(10) == 0;
    Metadata metadata = metadata(first ? ArchivePath.ROOT : null);
    Entry entry =
        switch (random.nextInt(10)) {
          case 0 -> new Symlink(path, metadata, target());
          case 1 -> new Fifo(path, metadata);
          case 2 ->
              new Device(
                  path,
                  metadata,
                  DeviceKind.values()[random.nextInt(2)],
                  (int) number(8),
                  (int) number(1));
          default -> file(path, metadata);
        };
    if (first) {
      linked.add(entry);
    }
    return entry;
  }

  private static Entry anotherName(ArchivePath path, Entry first) {
    Metadata m = first.metadata();
    Metadata metadata =
        new Metadata(
            m.mode(),
            m.userId(),
            m.groupId(),
            m.userName(),
            m.groupName(),
            m.mtimeSeconds(),
            m.mtimeNanos(),
            m.ctimeSeconds(),
            m.ctimeNanos(),
            m.inode(),
            m.device(),
            m.attributes(),
            first.path());
    return switch (first) {
      case RegularFile f ->
          new RegularFile(path, metadata, f.size(), 0, f.changed(), f.tag(), f.extents());
      case Symlink s -> new Symlink(path, metadata, s.target());
      case Fifo _ -> new Fifo(path, metadata);
      case Device d -> new Device(path, metadata, d.kind(), d.major(), d.minor());
      case Folder _ -> throw new AssertionError("folders are not linked");
    };
  }

  private RegularFile file(ArchivePath path, Metadata metadata) {
    List<Extent> extents =
        switch (random.nextInt(12)) {
          case 0 -> List.of();
          case 1 -> List.of(new Hole(Long.MAX_VALUE));
          case 2 -> sparse();
          case 3 -> large(random.nextInt(40));
          default -> List.of(small(1 + random.nextInt(1 << 14)));
        };
    long size = extents.stream().mapToLong(Extent::length).sum();
    Bytes tag = random.nextBoolean() ? Bytes.wrap(bytes(16)) : RegularFile.NO_TAG;
    return new RegularFile(path, metadata, size, 0, random.nextInt(20) == 0, tag, extents);
  }

  private Piece small(int length) {
    if (fill + length > CHUNK_LENGTH) {
      chunk();
      fill = 0;
    }
    fill += length;
    return new Piece(chunks.getLast(), fill - length, length);
  }

  private List<Extent> sparse() {
    List<Extent> extents = new ArrayList<>();
    for (int i = random.nextInt(10); i >= 0; i--) {
      extents.add(new Hole(1 + random.nextLong(1L << 50)));
      extents.add(small(4096));
      extents.add(small(4096));
    }
    return extents;
  }

  private List<Extent> large(int count) {
    List<Extent> extents = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      boolean again = !chunks.isEmpty() && random.nextInt(5) == 0;
      BlockName chunk = again ? chunks.get(random.nextInt(chunks.size())) : chunk();
      fill = CHUNK_LENGTH;
      extents.add(new Piece(chunk, random.nextInt(4), 1 + random.nextLong(1L << 40)));
    }
    return extents;
  }

  private BlockName chunk() {
    chunks.add(BlockName.of(bytes(BlockName.LENGTH)));
    return chunks.getLast();
  }

  private Attributes attributes() {
    if (random.nextInt(20) == 0) {
      TreeMap<Bytes, Attribute> set = new TreeMap<>();
      for (int i = random.nextInt(5); i >= 0; i--) {
        boolean odd = random.nextInt(4) == 0;
        Bytes name = Bytes.wrap(odd ? bytes(255) : ("user.a" + random.nextInt(5)).getBytes());
        int length = random.nextInt(30) == 0 ? Attributes.VALUE_LENGTH_MAX : random.nextInt(40);
        set.put(name, new Attribute(name, Bytes.wrap(bytes(length))));
      }
      sets.add(Attributes.of(set.values()));
    }
    return sets.get(random.nextInt(4) == 0 ? random.nextInt(sets.size()) : 0);
  }

  private Bytes target() {
    byte[] target = bytes(random.nextInt(50) == 0 ? Symlink.TARGET_LENGTH_MAX : 20);
    for (int i = 0; i < target.length; i++) {
      target[i] = target[i] == 0 ? (byte) '/' : target[i];
    }
    return Bytes.wrap(target);
  }

  private Bytes owner(String prefix) {
    return switch (random.nextInt(10)) {
      case 0 -> Metadata.NO_NAME;
      case 1 -> Bytes.wrap(bytes(1 + random.nextInt(Metadata.NAME_LENGTH_MAX)));
      default -> Bytes.wrap((prefix + random.nextInt(3)).getBytes());
    };
  }

  private int nanos() {
    return random.nextInt(4) == 0 ? 999_999_999 : random.nextInt(1_000_000_000);
  }

  private long number(long usual) {
    return switch (random.nextInt(6)) {
      case 0 -> ODD_NUMBERS[random.nextInt(ODD_NUMBERS.length)];
      case 1 -> random.nextLong();
      default -> usual + random.nextInt(1000);
    };
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    if (random.nextInt(10) == 0) {
      Arrays.fill(bytes, (byte) 'x');
    }
    return bytes;
  }
}
