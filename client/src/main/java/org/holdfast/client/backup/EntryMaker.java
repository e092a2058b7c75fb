package org.holdfast.client.backup;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.Attributes;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.archive.Metadata;
import org.holdfast.client.tree.ExtendedAttribute;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.client.tree.FileStatus;
import org.holdfast.client.tree.SourceTree;
import org.holdfast.core.Bytes;
import org.jspecify.annotations.Nullable;

/// Makes an archive's entries of what the file system says. What costs system calls of its own
/// (attributes, names) is taken from the old entry where that is unchanged.
final class EntryMaker {
  private static final String ATTRIBUTES_LEFT_OUT =
      "kept without its extended attributes: they are more than an archive holds (%d, %d bytes)"
          .formatted(Attributes.COUNT_MAX, Attributes.TOTAL_LENGTH_MAX);

  /// No file has this number, so that an entry with it is never taken for unchanged.
  private static final long NO_INODE = 0;

  /// No account has this number: they have 32 bits without a sign.
  private static final long NOBODY = -1;

  private final SourceTree tree;
  private final Counts counts;
  private long lastUid = NOBODY;
  private long lastGid = NOBODY;
  private Bytes lastUserName = Metadata.NO_NAME;
  private Bytes lastGroupName = Metadata.NO_NAME;

  EntryMaker(SourceTree tree, Counts counts) {
    this.tree = tree;
    this.counts = counts;
  }

  /// The metadata of an entry that has changed, or is new. `link` as in [Metadata].
  Metadata metadata(
      byte[] treePath, ArchivePath path, FileStatus status, @Nullable ArchivePath link)
      throws FileAccessException {
    return metadata(tree.attributes(treePath), path, status, link);
  }

  /// As above, with the attributes that it was found to have.
  Metadata metadata(
      List<ExtendedAttribute> found,
      ArchivePath path,
      FileStatus status,
      @Nullable ArchivePath link) {
    List<Attributes.Attribute> attributes = attributes(found);
    boolean fits = Attributes.fits(attributes);
    if (!fits) {
      counts.unreadable(path, ATTRIBUTES_LEFT_OUT);
    }
    return metadata(
        status,
        fits ? status.inode() : NO_INODE,
        userName(status.uid()),
        groupName(status.gid()),
        fits ? Attributes.of(attributes) : Attributes.NONE,
        link);
  }

  /// The metadata of an entry that is unchanged; only whom it is linked to may be new.
  static Metadata metadata(FileStatus status, Entry old, @Nullable ArchivePath link) {
    return metadata(
        status,
        status.inode(),
        old.metadata().userName(),
        old.metadata().groupName(),
        old.metadata().attributes(),
        link);
  }

  /// Everything but a regular file. Empty for a socket, which means nothing without its process.
  Optional<Entry> entry(
      byte[] treePath, ArchivePath path, FileStatus status, Metadata metadata, boolean ancestor)
      throws FileAccessException {
    return switch (status.type()) {
      case FOLDER -> Optional.of(new Entry.Folder(path, metadata, ancestor));
      case SYMLINK ->
          Optional.of(new Entry.Symlink(path, metadata, Bytes.wrap(tree.symlinkTarget(treePath))));
      case FIFO -> Optional.of(new Entry.Fifo(path, metadata));
      case CHAR_DEVICE -> Optional.of(device(path, status, metadata, Entry.DeviceKind.CHARACTER));
      case BLOCK_DEVICE -> Optional.of(device(path, status, metadata, Entry.DeviceKind.BLOCK));
      case SOCKET -> Optional.empty();
      case REGULAR -> throw new IllegalArgumentException("a regular file has content");
    };
  }

  private static Entry device(
      ArchivePath path, FileStatus status, Metadata metadata, Entry.DeviceKind kind) {
    return new Entry.Device(path, metadata, kind, status.rdevMajor(), status.rdevMinor());
  }

  /// Most entries have the same owner as the one before.
  private Bytes userName(long uid) {
    if (uid != lastUid) {
      lastUserName = name(tree.userName(uid));
      lastUid = uid;
    }
    return lastUserName;
  }

  private Bytes groupName(long gid) {
    if (gid != lastGid) {
      lastGroupName = name(tree.groupName(gid));
      lastGid = gid;
    }
    return lastGroupName;
  }

  private static List<Attributes.Attribute> attributes(List<ExtendedAttribute> found) {
    List<Attributes.Attribute> attributes = new ArrayList<>(found.size());
    found.forEach(each -> attributes.add(new Attributes.Attribute(each.name(), each.value())));
    return attributes;
  }

  private static Bytes name(Optional<byte[]> name) {
    return name.filter(bytes -> bytes.length <= Metadata.NAME_LENGTH_MAX)
        .map(Bytes::wrap)
        .orElse(Metadata.NO_NAME);
  }

  private static Metadata metadata(
      FileStatus status,
      long inode,
      Bytes userName,
      Bytes groupName,
      Attributes attributes,
      @Nullable ArchivePath link) {
    return new Metadata(
        status.mode(),
        (int) status.uid(),
        (int) status.gid(),
        userName,
        groupName,
        status.mtime().seconds(),
        status.mtime().nanos(),
        status.ctime().seconds(),
        status.ctime().nanos(),
        inode,
        status.device(),
        attributes,
        link);
  }
}
