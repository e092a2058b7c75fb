package org.holdfast.client.restore;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.Attributes;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.archive.Entry.DeviceKind;
import org.holdfast.client.archive.Entry.RegularFile;
import org.holdfast.client.archive.Extent;
import org.holdfast.client.archive.Metadata;
import org.holdfast.client.catalog.ArchiveMaker;
import org.holdfast.client.tree.FileStatus;
import org.holdfast.client.tree.HardLinks;
import org.holdfast.client.tree.SourceFile;
import org.holdfast.client.tree.SourceTree;
import org.holdfast.client.tree.TreeWalk;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;

/// Makes the entries of a tree: small files share chunks, larger ones are cut every so many bytes.
final class TreeArchiver {
  private final ArchiveMaker maker;
  private final SourceTree tree;
  private final int chunkBytes;
  private final HardLinks links = new HardLinks();
  private final Map<Bytes, List<Extent>> linked = new HashMap<>();
  private final List<Entry> entries = new ArrayList<>();
  private final List<Pending> pending = new ArrayList<>();
  private final List<Waiting> waiting = new ArrayList<>();
  private final byte[] shared;
  private int fill;

  TreeArchiver(ArchiveMaker maker, SourceTree tree, int chunkBytes) {
    this.maker = maker;
    this.tree = tree;
    this.chunkBytes = chunkBytes;
    this.shared = new byte[chunkBytes];
  }

  /// All entries of the tree, the root as `/` among them.
  List<Entry> entries() throws Exception {
    try (TreeWalk walk = tree.walk()) {
      for (TreeWalk.Step step = walk.next(); step != null; step = walk.next()) {
        TreeWalk.Found found = (TreeWalk.Found) step;
        entries.add(entry(found.path(), found.status()));
      }
    }
    flush();
    return entries;
  }

  private Entry entry(byte[] bytes, FileStatus status) throws Exception {
    ArchivePath path = ArchivePath.of(bytes);
    Bytes first = links.firstPath(bytes, status);
    boolean again = !first.equals(Bytes.wrap(bytes));
    ArchivePath link = null;
    if (status.mayBeHardLinked()) {
      link = again ? ArchivePath.of(first.toArray()) : ArchivePath.ROOT;
    }
    Metadata metadata = metadata(bytes, status, link);
    return switch (status.type()) {
      case REGULAR -> file(path, metadata, status, first);
      case FOLDER -> new Entry.Folder(path, metadata, false);
      case SYMLINK -> new Entry.Symlink(path, metadata, Bytes.wrap(tree.symlinkTarget(bytes)));
      case CHAR_DEVICE ->
          new Entry.Device(
              path, metadata, DeviceKind.CHARACTER, status.rdevMajor(), status.rdevMinor());
      case BLOCK_DEVICE ->
          new Entry.Device(
              path, metadata, DeviceKind.BLOCK, status.rdevMajor(), status.rdevMinor());
      case FIFO, SOCKET -> new Entry.Fifo(path, metadata);
    };
  }

  private Entry file(ArchivePath path, Metadata metadata, FileStatus status, Bytes first)
      throws Exception {
    List<Extent> extents = linked.get(first);
    if (extents == null) {
      extents = extents(path.toArray(), status);
      linked.put(first, extents);
    }
    List<Extent> known = extents;
    int place = entries.size();
    if (extents.contains(null)) {
      pending.add(new Pending(place, path, metadata, status.size(), known));
      return new Entry.Fifo(path, metadata);
    }
    return whole(path, metadata, status.size(), extents);
  }

  private static RegularFile whole(
      ArchivePath path, Metadata metadata, long size, List<Extent> extents) {
    return new RegularFile(path, metadata, size, 0, false, RegularFile.NO_TAG, extents);
  }

  /// A null extent stands for a place in the shared chunk, which has no name yet.
  private List<Extent> extents(byte[] path, FileStatus status) throws Exception {
    List<Extent> extents = new ArrayList<>();
    try (SourceFile file = tree.open(path, status)) {
      byte[] buffer = new byte[chunkBytes];
      while (true) {
        long hole = file.skipHole();
        if (hole > 0) {
          extents.add(new Extent.Hole(hole));
        }
        int read = file.read(buffer, 0, buffer.length);
        if (read < 0) {
          return extents;
        }
        if (read >= chunkBytes / 4) {
          extents.add(new Extent.Piece(maker.chunk(buffer, 0, read), 0, read));
        } else if (read > 0) {
          if (fill + read > shared.length) {
            flush();
          }
          System.arraycopy(buffer, 0, shared, fill, read);
          waiting.add(new Waiting(extents, extents.size(), fill, read));
          extents.add(null);
          fill += read;
        }
      }
    }
  }

  private void flush() {
    if (fill > 0) {
      BlockName name = maker.chunk(Arrays.copyOf(shared, fill), 0, fill);
      for (Waiting each : waiting) {
        each.extents.set(each.place, new Extent.Piece(name, each.offset, each.length));
      }
    }
    fill = 0;
    waiting.clear();
    for (Pending each : List.copyOf(pending)) {
      if (!each.extents.contains(null) && each.place < entries.size()) {
        entries.set(each.place, whole(each.path, each.metadata, each.size, each.extents));
        pending.remove(each);
      }
    }
  }

  private Metadata metadata(byte[] path, FileStatus status, ArchivePath link) throws Exception {
    List<Attributes.Attribute> attributes = new ArrayList<>();
    tree.attributes(path)
        .forEach(each -> attributes.add(new Attributes.Attribute(each.name(), each.value())));
    return new Metadata(
        status.mode(),
        (int) status.uid(),
        (int) status.gid(),
        tree.userName(status.uid()).map(Bytes::wrap).orElse(Metadata.NO_NAME),
        tree.groupName(status.gid()).map(Bytes::wrap).orElse(Metadata.NO_NAME),
        status.mtime().seconds(),
        status.mtime().nanos(),
        status.ctime().seconds(),
        status.ctime().nanos(),
        status.inode(),
        status.device(),
        Attributes.of(attributes),
        link);
  }

  private record Waiting(List<Extent> extents, int place, long offset, int length) {}

  private record Pending(
      int place, ArchivePath path, Metadata metadata, long size, List<Extent> extents) {}
}
