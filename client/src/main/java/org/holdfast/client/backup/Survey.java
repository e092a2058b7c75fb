package org.holdfast.client.backup;

import java.util.List;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.RootContent.Unreadable;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.client.tree.FileStatus;
import org.holdfast.client.tree.SourceTree;
import org.holdfast.client.tree.TreeWalk;
import org.holdfast.core.CorruptException;
import org.holdfast.core.RefusedException;

/// A backup that only looks: it walks what a scope says, and reads nothing. It needs no key and no
/// service. One thread.
public final class Survey {
  private final BackupScope scope;
  private final SourceTree.Place place;
  private final BackupProgress progress;
  private final Counts counts = new Counts();

  public Survey(BackupScope scope, SourceTree.Place place, BackupProgress progress) {
    this.scope = scope;
    this.place = place;
    this.progress = progress;
  }

  /// Walks all of it, and tells each entry that a backup would keep.
  public Result run(Listener listener) throws RefusedException, CorruptException {
    OwnFolders own = new OwnFolders(scope, place);
    for (ArchivePath root : scope.roots()) {
      try (SourceTree tree = place.open(BackupScope.absolute(root));
          ScopeWalk walk = new ScopeWalk(tree, root, scope, own, counts)) {
        for (ScopeWalk.Step step = walk.next(); step != null; step = walk.next()) {
          progress.at(step.path().toArray());
          switch (step.step()) {
            case TreeWalk.Failed failed -> unreadable(step.path(), failed.reason());
            case TreeWalk.Found found -> found(step.path(), found.status(), listener);
          }
        }
      } catch (FileAccessException e) {
        unreadable(root, e);
      }
    }
    return counts.survey();
  }

  private void found(ArchivePath path, FileStatus status, Listener listener) {
    switch (status.type()) {
      case SOCKET -> {
        counts.socket();
        return;
      }
      case REGULAR -> {
        counts.file(status.size(), false, false);
        progress.file();
        progress.bytes(status.size());
      }
      case FOLDER -> counts.folder();
      default -> counts.other();
    }
    listener.found(path, status);
  }

  private void unreadable(ArchivePath path, FileAccessException failure) {
    counts.unreadable(path, String.valueOf(failure.getMessage()));
  }

  /// Is told what a backup would keep, in its order.
  public interface Listener {
    /// One entry.
    void found(ArchivePath path, FileStatus status);
  }

  /// What a backup would keep; see [BackupSummary] for what is the same there. Whether files can be
  /// opened was not tried.
  public record Result(
      long files,
      long folders,
      long others,
      long bytes,
      long socketsSkipped,
      long mountsSkipped,
      long syntheticSkipped,
      long excluded,
      List<ArchivePath> ownFoldersSkipped,
      long unreadable,
      List<Unreadable> named) {
    public Result {
      ownFoldersSkipped = List.copyOf(ownFoldersSkipped);
      named = List.copyOf(named);
    }
  }
}
