package org.holdfast.client.tree;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.holdfast.client.tree.TreeWalk.Failed;
import org.holdfast.client.tree.TreeWalk.Found;
import org.holdfast.client.tree.TreeWalk.Step;
import org.holdfast.core.Bytes;
import org.holdfast.core.Invariant;
import org.holdfast.core.Spawner;
import org.jspecify.annotations.Nullable;

/// Compares a restored tree with the original, in everything that a restore promises to keep:
/// paths, types, modes, owners, modification times, sizes, content, symlinks' targets, attributes,
/// device numbers, and which paths are names of the same file. Sockets are not kept; times of
/// change and of last access, inode numbers and sizes of folders are the file system's own. What
/// this user may not read in the original, and is not in the restored tree, is told apart from what
/// differs.
///
/// Two walks are merged by path; content is read by several threads meanwhile. Memory does not grow
/// with the trees, but for a path for each file that has several links. One thread for each object.
public final class TreeComparer {
  /// A restored file that uses more than twice the space, and this much more, has lost its holes.
  private static final long SPARSE_SLACK_BYTES = 1 << 20;

  private final Spawner spawner;
  private final Options options;

  /// `ignoresRootTime`: the root folder's own time may differ (a target that was just made).
  /// `ignoresOwners`: users and groups may differ, and with them the set-user-id bits (a restore
  /// without root).
  public record Options(
      boolean ignoresRootTime, boolean ignoresOwners, int readers, int differencesMax) {
    public Options {
      Invariant.check(readers > 0 && differencesMax > 0, "a comparison reads and reports");
    }
  }

  public TreeComparer(Spawner spawner, Options options) {
    this.spawner = spawner;
    this.options = options;
  }

  public Comparison compare(SourceTree original, SourceTree restored) throws InterruptedException {
    Differences differences = new Differences(options.differencesMax);
    Differences unreadable = new Differences(options.differencesMax);
    ContentReaders readers = new ContentReaders(original, restored, differences);
    readers.start(spawner, options.readers);
    try (TreeWalk left = original.walk();
        TreeWalk right = restored.walk()) {
      Merge merge = new Merge(original, restored, readers, differences, unreadable, left, right);
      long entries = merge.run();
      long bytes = readers.finish();
      return new Comparison(
          entries,
          bytes,
          differences.count(),
          differences.lines(),
          unreadable.count(),
          unreadable.lines());
    } catch (InterruptedException | RuntimeException interrupted) {
      readers.abandon();
      throw interrupted;
    }
  }

  /// One comparison under way.
  private final class Merge {
    private final SourceTree original;
    private final SourceTree restored;
    private final ContentReaders readers;
    private final Differences differences;
    private final Differences unreadable;
    private final TreeWalk left;
    private final TreeWalk right;
    private final HardLinks originalLinks = new HardLinks();
    private final HardLinks restoredLinks = new HardLinks();

    /// The folder found last, if this user may not list it in the original.
    private @Nullable Bytes closedFolder;

    Merge(
        SourceTree original,
        SourceTree restored,
        ContentReaders readers,
        Differences differences,
        Differences unreadable,
        TreeWalk left,
        TreeWalk right) {
      this.original = original;
      this.restored = restored;
      this.readers = readers;
      this.differences = differences;
      this.unreadable = unreadable;
      this.left = left;
      this.right = right;
    }

    long run() throws InterruptedException {
      long entries = 0;
      Found was = advanceOriginal();
      Found is = advanceRestored();
      while (was != null || is != null) {
        int order = order(was, is);
        if (order < 0 && was != null) {
          originalLinks.firstPath(was.path(), was.status());
          missing(was);
          left.skipChildren();
          was = advanceOriginal();
        } else if (order > 0 && is != null) {
          restoredLinks.firstPath(is.path(), is.status());
          differences.add(is.path(), "is in the restored tree only");
          right.skipChildren();
          is = advanceRestored();
        } else if (was != null && is != null) {
          entries++;
          compareEntry(was.path(), was.status(), is.status());
          was = advanceOriginal();
          is = advanceRestored();
        }
      }
      return entries;
    }

    private void missing(Found was) {
      switch (was.status().type()) {
        case SOCKET -> {}
        case REGULAR -> {
          try {
            original.open(was.path(), was.status()).close();
            differences.add(was.path(), "is missing in the restored tree");
          } catch (FileAccessException reason) {
            notRead(was.path(), reason);
          }
        }
        default -> differences.add(was.path(), "is missing in the restored tree");
      }
    }

    private void notRead(byte[] path, FileAccessException reason) {
      if (reason.isPermission()) {
        unreadable.add(path, String.valueOf(reason.getMessage()));
      } else {
        differences.add(path, "not compared: " + reason.getMessage());
      }
    }

    private @Nullable Found advanceOriginal() {
      closedFolder = null;
      while (true) {
        Step step = left.next();
        if (!(step instanceof Failed failed)) {
          return (Found) step;
        }
        if (closedFolder == null && failed.reason().isPermission()) {
          closedFolder = Bytes.copyOf(failed.path());
        }
        notRead(failed.path(), failed.reason());
      }
    }

    /// A folder that is closed in both trees is told of once.
    private @Nullable Found advanceRestored() {
      while (true) {
        Step step = right.next();
        if (!(step instanceof Failed failed)) {
          return (Found) step;
        }
        if (closedFolder == null || !closedFolder.equals(Bytes.copyOf(failed.path()))) {
          differences.add(failed.path(), "not compared: " + failed.reason().getMessage());
        }
      }
    }

    private static int order(@Nullable Found was, @Nullable Found is) {
      if (was == null) {
        return 1;
      }
      return is == null ? -1 : TreePath.compare(was.path(), is.path());
    }

    private void compareEntry(byte[] path, FileStatus was, FileStatus is)
        throws InterruptedException {
      if (compareLinks(path, was, is)) {
        return;
      }
      if (was.type() != is.type()) {
        differences.compare(path, "type", was.type(), is.type());
        left.skipChildren();
        right.skipChildren();
        return;
      }
      compareStatus(path, was, is);
      try {
        compareAttributes(path);
        if (was.type() == FileType.SYMLINK) {
          String target = PathText.print(original.symlinkTarget(path));
          differences.compare(path, "target", target, PathText.print(restored.symlinkTarget(path)));
        }
      } catch (FileAccessException unreadable) {
        differences.add(path, "not compared: " + unreadable.getMessage());
      }
      if (was.type() == FileType.REGULAR) {
        compareContent(path, was, is);
      }
    }

    /// Returns whether both are further names of entries that were compared already.
    private boolean compareLinks(byte[] path, FileStatus was, FileStatus is) {
      Bytes firstWas = originalLinks.firstPath(path, was);
      Bytes firstIs = restoredLinks.firstPath(path, is);
      differences.compare(
          path,
          "first hard link",
          PathText.print(firstWas.toArray()),
          PathText.print(firstIs.toArray()));
      return firstWas.equals(firstIs) && !firstWas.equals(Bytes.copyOf(path));
    }

    private void compareStatus(byte[] path, FileStatus was, FileStatus is) {
      if (was.type() != FileType.SYMLINK) {
        int compared = options.ignoresOwners ? 01777 : 07777;
        differences.compare(
            path, "mode", octal(was.mode() & compared), octal(is.mode() & compared));
      }
      if (!options.ignoresOwners) {
        differences.compare(path, "user", was.uid(), is.uid());
        differences.compare(path, "group", was.gid(), is.gid());
      }
      if (path.length > 0 || !options.ignoresRootTime) {
        differences.compare(path, "modification time", was.mtime(), is.mtime());
      }
      if (was.type().isDevice()) {
        differences.compare(path, "device", device(was), device(is));
      }
    }

    private void compareContent(byte[] path, FileStatus was, FileStatus is)
        throws InterruptedException {
      if (was.size() != is.size()) {
        differences.compare(path, "size", was.size(), is.size());
        return;
      }
      boolean wasSparse = was.allocated() < was.size();
      if (wasSparse && is.allocated() > 2 * was.allocated() + SPARSE_SLACK_BYTES) {
        differences.compare(path, "space used", was.allocated(), is.allocated());
      }
      if (was.size() > 0) {
        readers.add(path, was, is);
      }
    }

    private void compareAttributes(byte[] path) throws FileAccessException {
      List<ExtendedAttribute> was = original.attributes(path);
      List<ExtendedAttribute> is = restored.attributes(path);
      if (was.equals(is)) {
        return;
      }
      Map<Bytes, Bytes> values = new HashMap<>();
      is.forEach(attribute -> values.put(attribute.name(), attribute.value()));
      for (ExtendedAttribute attribute : was) {
        Bytes value = values.remove(attribute.name());
        if (value == null) {
          differences.add(path, "attribute " + attribute.printedName() + " is missing");
        } else if (!value.equals(attribute.value())) {
          differences.add(path, "attribute " + attribute.printedName() + " has another value");
        }
      }
      for (Bytes name : values.keySet()) {
        differences.add(
            path, "attribute " + PathText.print(name.toArray()) + " is in the restored tree only");
      }
    }

    private static String octal(int mode) {
      return "%04o".formatted(mode);
    }

    private static String device(FileStatus status) {
      return status.rdevMajor() + ":" + status.rdevMinor();
    }
  }
}
