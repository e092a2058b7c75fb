package org.holdfast.client.backup;

import java.util.HashSet;
import java.util.Set;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.client.tree.FileStatus;
import org.holdfast.client.tree.FileType;
import org.holdfast.client.tree.PathText;
import org.holdfast.client.tree.SourceTree;
import org.holdfast.client.tree.TreePath;
import org.holdfast.core.RefusedException;

/// The folders of a [BackupScope] that are Holdfast's own, known by what they are and not by their
/// paths: another way may lead there.
final class OwnFolders {
  private final SourceTree.Place place;
  private final Set<Inode> folders = new HashSet<>();

  /// Those that are there; for after the cache folder is made. Throws [RefusedException] for a path
  /// to back up that is one of them, or lies in one.
  OwnFolders(BackupScope scope, SourceTree.Place place) throws RefusedException {
    this.place = place;
    for (ArchivePath folder : scope.ownFolders()) {
      try {
        folders.add(Inode.of(status(folder)));
      } catch (FileAccessException e) {
        // Not there, or not to be reached by this user: then the walk does not get there either, as
        // the one that a backup itself makes, the cache, is there by now.
      }
    }
    if (!folders.isEmpty()) {
      for (ArchivePath root : scope.roots()) {
        checkOutside(root);
      }
    }
  }

  boolean contains(FileStatus status) {
    return status.type() == FileType.FOLDER && folders.contains(Inode.of(status));
  }

  private void checkOutside(ArchivePath root) throws RefusedException {
    for (ArchivePath path = root; !path.isRoot(); path = path.parent()) {
      try {
        if (contains(status(path))) {
          throw new RefusedException(
              "/%s is where Holdfast itself keeps things: back something else up"
                  .formatted(PathText.print(root.toArray())));
        }
      } catch (FileAccessException e) {
        // A file, or gone: the walk says so.
      }
    }
  }

  /// With a dot behind it, a link to a folder is the folder.
  private FileStatus status(ArchivePath path) throws FileAccessException, RefusedException {
    byte[] folder = TreePath.join(BackupScope.absolute(path), new byte[] {'.'});
    try (SourceTree tree = place.open(folder)) {
      return tree.status(TreePath.root());
    }
  }

  private record Inode(long device, long number) {
    static Inode of(FileStatus status) {
      return new Inode(status.device(), status.inode());
    }
  }
}
