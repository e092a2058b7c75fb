package org.holdfast.client.select;

import java.util.Arrays;
import org.holdfast.client.tree.FileStatus;
import org.holdfast.client.tree.FileType;
import org.holdfast.client.tree.SourceTree;
import org.holdfast.client.tree.Timestamp;
import org.holdfast.client.tree.TreePath;
import org.holdfast.client.tree.TreeWalk;
import org.jspecify.annotations.Nullable;

/// Says of each entry of a walk, in its order, what becomes of it. One tree, one thread.
public final class WalkFilter {
  private final Exclusions exclusions;
  private final SourceTree tree;
  private final long device;

  /// The folder of which only the file that marks it is taken.
  private byte @Nullable [] markedFolder;

  private byte @Nullable [] mark;

  /// For one walk.
  ///
  /// @param root the status of the tree's root
  public WalkFilter(Exclusions exclusions, SourceTree tree, FileStatus root) {
    this.exclusions = exclusions;
    this.tree = tree;
    this.device = root.device();
  }

  /// What becomes of an entry.
  public enum Verdict {
    TAKE,
    /// With all that is in it.
    LEAVE_OUT,
    /// The folder is taken, and what is in it is left out, as another file system begins there.
    LEAVE_MOUNT_EMPTY,
    /// As before, as the kernel makes up what is in it.
    LEAVE_SYNTHETIC_EMPTY
  }

  /// What becomes of the next entry of the walk.
  ///
  /// @param absolute the entry's path from the root of the file system
  public Verdict judge(TreeWalk.Found found, byte[] absolute) {
    FileStatus status = found.status();
    byte[] path = found.path();
    if (isInMarkedFolder(path)) {
      return isMark(path) && status.type() == FileType.REGULAR ? Verdict.TAKE : Verdict.LEAVE_OUT;
    }
    boolean isFolder = status.type() == FileType.FOLDER;
    if (path.length > 0 && isLeftOut(absolute, status, isFolder)) {
      return Verdict.LEAVE_OUT;
    }
    if (!isFolder) {
      return Verdict.TAKE;
    }
    if (status.device() != device) {
      if (exclusions.synthetic().contains(status.device())) {
        return Verdict.LEAVE_SYNTHETIC_EMPTY;
      }
      if (exclusions.oneFileSystem()) {
        return Verdict.LEAVE_MOUNT_EMPTY;
      }
    }
    for (FolderMark each : exclusions.marks()) {
      if (each.isIn(tree, path)) {
        markedFolder = path;
        mark = TreePath.join(path, each.name().toArray());
        break;
      }
    }
    return Verdict.TAKE;
  }

  private boolean isInMarkedFolder(byte[] path) {
    return markedFolder != null
        && path.length > markedFolder.length
        && TreePath.isWithin(path, markedFolder);
  }

  private boolean isMark(byte[] path) {
    return Arrays.equals(path, mark);
  }

  private boolean isLeftOut(byte[] absolute, FileStatus status, boolean isFolder) {
    return exclusions.rules().leaveOut(absolute, isFolder)
        || (exclusions.noDump() && status.hasNoDump())
        || (status.type() == FileType.REGULAR
            && exclusions.largerThan().isPresent()
            && status.size() > exclusions.largerThan().getAsLong())
        || (!isFolder
            && exclusions.newerThan().isPresent()
            && !isNewer(status, exclusions.newerThan().get()));
  }

  private static boolean isNewer(FileStatus status, Timestamp time) {
    return status.mtime().compareTo(time) > 0 || status.ctime().compareTo(time) > 0;
  }
}
