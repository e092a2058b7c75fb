package org.holdfast.client.archive;

/// The numbers of the page format; `docs/format-archive.md` says what they mean.
final class EntryFormat {
  static final int VERSION = 1;

  static final int KIND_REGULAR = 1;
  static final int KIND_FOLDER = 2;
  static final int KIND_SYMLINK = 3;
  static final int KIND_FIFO = 4;
  static final int KIND_CHARACTER_DEVICE = 5;
  static final int KIND_BLOCK_DEVICE = 6;

  static final int FLAG_ATTRIBUTES = 1;
  static final int FLAG_CHANGED = 2;
  static final int FLAG_ANCESTOR_ONLY = 4;
  static final int FLAG_TAG = 8;
  static final int FLAG_HARD_LINKED = 16;
  static final int FLAG_LATER_PART = 32;

  static final int EXTENT_HOLE = 0;
  static final int EXTENT_GOES_ON = 1;
  static final int EXTENT_CHUNK = 2;

  /// Most entries of a page.
  static final int ENTRIES_MAX = 4_096;

  /// A page ends when its parts together reach this many bytes.
  static final int LENGTH_END = 1 << 20;

  /// No part of a page is longer: 1 MiB, and an entry of any length that the bounds allow.
  static final int LENGTH_MAX = 4 << 20;

  private EntryFormat() {}

  static int kind(Entry entry) {
    return switch (entry) {
      case Entry.RegularFile _ -> KIND_REGULAR;
      case Entry.Folder _ -> KIND_FOLDER;
      case Entry.Symlink _ -> KIND_SYMLINK;
      case Entry.Fifo _ -> KIND_FIFO;
      case Entry.Device device ->
          switch (device.kind()) {
            case CHARACTER -> KIND_CHARACTER_DEVICE;
            case BLOCK -> KIND_BLOCK_DEVICE;
          };
    };
  }

  static int flags(Entry entry) {
    int flags = entry.metadata().attributes().isEmpty() ? 0 : FLAG_ATTRIBUTES;
    flags |= entry.metadata().isHardLinked() ? FLAG_HARD_LINKED : 0;
    return switch (entry) {
      case Entry.RegularFile file ->
          flags
              | (file.changed() ? FLAG_CHANGED : 0)
              | (file.tag().length() > 0 ? FLAG_TAG : 0)
              | (file.offset() > 0 ? FLAG_LATER_PART : 0);
      case Entry.Folder folder -> flags | (folder.ancestorOnly() ? FLAG_ANCESTOR_ONLY : 0);
      case Entry.Symlink _, Entry.Fifo _, Entry.Device _ -> flags;
    };
  }

  /// The flags that an entry of that kind may have; none for a kind that does not exist.
  static int flagsAllowed(int kind) {
    return switch (kind) {
      case KIND_REGULAR ->
          FLAG_ATTRIBUTES | FLAG_CHANGED | FLAG_TAG | FLAG_HARD_LINKED | FLAG_LATER_PART;
      case KIND_FOLDER -> FLAG_ATTRIBUTES | FLAG_ANCESTOR_ONLY;
      case KIND_SYMLINK, KIND_FIFO, KIND_CHARACTER_DEVICE, KIND_BLOCK_DEVICE ->
          FLAG_ATTRIBUTES | FLAG_HARD_LINKED;
      default -> 0;
    };
  }
}
