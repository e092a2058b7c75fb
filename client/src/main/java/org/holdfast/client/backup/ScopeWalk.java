package org.holdfast.client.backup;

import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.select.WalkFilter;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.client.tree.SourceTree;
import org.holdfast.client.tree.TreePath;
import org.holdfast.client.tree.TreeWalk;
import org.holdfast.core.CorruptException;
import org.jspecify.annotations.Nullable;

/// The walk through one of a scope's roots, without what is left out, which is counted. One thread.
final class ScopeWalk implements AutoCloseable {
  private final ArchivePath root;
  private final OwnFolders own;
  private final Counts counts;
  private final WalkFilter filter;
  private final TreeWalk walk;

  ScopeWalk(SourceTree tree, ArchivePath root, BackupScope scope, OwnFolders own, Counts counts)
      throws FileAccessException {
    this.root = root;
    this.own = own;
    this.counts = counts;
    this.filter = new WalkFilter(scope.exclusions(), tree, tree.status(TreePath.root()));
    this.walk = tree.walk();
  }

  /// The next step, or null at the end.
  @Nullable Step next() throws CorruptException {
    while (true) {
      TreeWalk.Step step = walk.next();
      if (step == null) {
        return null;
      }
      ArchivePath path = join(step.path());
      if (!(step instanceof TreeWalk.Found found) || isTaken(found, path)) {
        return new Step(step, path);
      }
    }
  }

  private boolean isTaken(TreeWalk.Found found, ArchivePath path) {
    if (own.contains(found.status())) {
      counts.ownFolder(path);
      walk.skipChildren();
      return true;
    }
    return switch (filter.judge(found, path.toArray())) {
      case TAKE -> true;
      case LEAVE_OUT -> {
        counts.excluded();
        walk.skipChildren();
        yield false;
      }
      case LEAVE_MOUNT_EMPTY -> {
        counts.mount();
        walk.skipChildren();
        yield true;
      }
      case LEAVE_SYNTHETIC_EMPTY -> {
        counts.synthetic();
        walk.skipChildren();
        yield true;
      }
    };
  }

  private ArchivePath join(byte[] below) throws CorruptException {
    if (below.length == 0) {
      return root;
    }
    return root.isRoot()
        ? ArchivePath.of(below)
        : ArchivePath.of(TreePath.join(root.toArray(), below));
  }

  @Override
  public void close() {
    walk.close();
  }

  /// A step of the walk below the root.
  ///
  /// @param path from the root of the file system
  record Step(TreeWalk.Step step, ArchivePath path) {}
}
