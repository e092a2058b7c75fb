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
  private final SourceTree tree;

  EntryMaker(SourceTree tree) {
    this.tree = tree;
  }

  /// The metadata of an entry that has changed, or is new. `link` as in [Metadata].
  Metadata metadata(byte[] path, FileStatus status, @Nullable ArchivePath link)
      throws FileAccessException {
    return metadata(
        status,
        name(tree.userName(status.uid())),
        name(tree.groupName(status.gid())),
        attributes(path),
        link);
  }

  /// The metadata of an entry that is unchanged; only whom it is linked to may be new.
  static Metadata metadata(FileStatus status, Entry old, @Nullable ArchivePath link) {
    return metadata(
        status,
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

  private Attributes attributes(byte[] path) throws FileAccessException {
    List<ExtendedAttribute> found = tree.attributes(path);
    if (found.isEmpty()) {
      return Attributes.NONE;
    }
    List<Attributes.Attribute> attributes = new ArrayList<>(found.size());
    found.forEach(each -> attributes.add(new Attributes.Attribute(each.name(), each.value())));
    return Attributes.fits(attributes) ? Attributes.of(attributes) : Attributes.NONE;
  }

  private static Bytes name(Optional<byte[]> name) {
    return name.filter(bytes -> bytes.length <= Metadata.NAME_LENGTH_MAX)
        .map(Bytes::wrap)
        .orElse(Metadata.NO_NAME);
  }

  private static Metadata metadata(
      FileStatus status,
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
        status.inode(),
        status.device(),
        attributes,
        link);
  }
}
