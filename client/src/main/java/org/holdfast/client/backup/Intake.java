package org.holdfast.client.backup;

import java.io.IOException;
import java.util.Optional;
import java.util.TreeSet;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.archive.Metadata;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.client.tree.FileStatus;
import org.holdfast.client.tree.FileType;
import org.holdfast.client.tree.SourceFile;
import org.holdfast.client.tree.SourceTree;
import org.holdfast.client.tree.TreePath;
import org.holdfast.client.tree.TreeWalk;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;

/// Walks the paths asked for and takes in what it meets: entries go to the archive, content to
/// chunks. What cannot be read is counted and named, and the walk goes on.
///
/// One thread.
final class Intake {
  /// Entries that may wait for the last small file's chunk to fill, before it is cut early so that
  /// memory stays bounded.
  private static final int WAITING_MAX = 20_000;

  private final ArchiveWriter archive;
  private final FileIntake content;
  private final OldArchive old;
  private final LostBlocks lost;
  private final OwnFolders own;
  private final SourceTree.Place place;
  private final BackupProgress progress;
  private final Counts counts = new Counts();
  private final HardLinks links = new HardLinks();
  private final TreeSet<ArchivePath> ancestors = new TreeSet<>();

  Intake(
      ArchiveWriter archive,
      FileIntake content,
      OldArchive old,
      LostBlocks lost,
      OwnFolders own,
      SourceTree.Place place,
      BackupProgress progress) {
    this.archive = archive;
    this.content = content;
    this.old = old;
    this.lost = lost;
    this.own = own;
    this.place = place;
    this.progress = progress;
  }

  Counts counts() {
    return counts;
  }

  /// Takes in what the scope says, and completes the archive's pages.
  void takeIn(BackupScope scope) throws HoldfastException, IOException {
    for (ArchivePath root : scope.roots()) {
      takeInAncestors(root);
      try (SourceTree tree = place.open(BackupScope.absolute(root))) {
        walk(tree, root, scope.oneFileSystem());
      } catch (FileAccessException e) {
        counts.unreadable(root, reason(e));
      }
    }
    content.flush();
    archive.finish();
  }

  private void walk(SourceTree tree, ArchivePath root, boolean oneFileSystem)
      throws HoldfastException, IOException {
    EntryMaker maker = new EntryMaker(tree, counts);
    long device = tree.status(TreePath.root()).device();
    try (TreeWalk walk = tree.walk()) {
      for (TreeWalk.Step step = walk.next(); step != null; step = walk.next()) {
        ArchivePath path = join(root, step.path());
        progress.at(path.toArray());
        switch (step) {
          case TreeWalk.Failed failed -> counts.unreadable(path, reason(failed.reason()));
          case TreeWalk.Found found -> {
            found(tree, maker, path, found);
            if (isLeftEmpty(path, found.status(), oneFileSystem, device)) {
              walk.skipChildren();
            }
          }
        }
        if (archive.waiting() > WAITING_MAX) {
          content.flush();
          archive.settle();
        }
      }
    }
  }

  private boolean isLeftEmpty(
      ArchivePath path, FileStatus status, boolean oneFileSystem, long device) {
    if (own.contains(status)) {
      counts.ownFolder(path);
      return true;
    }
    if (oneFileSystem && status.type() == FileType.FOLDER && status.device() != device) {
      counts.mount();
      return true;
    }
    return false;
  }

  private void found(SourceTree tree, EntryMaker maker, ArchivePath path, TreeWalk.Found found)
      throws HoldfastException, IOException {
    Optional<Entry> before = old.find(path);
    try {
      if (found.status().type() == FileType.REGULAR) {
        file(tree, maker, path, found, before);
      } else {
        other(maker, path, found, before, false);
      }
    } catch (FileAccessException e) {
      counts.unreadable(path, reason(e));
    }
  }

  private void other(
      EntryMaker maker,
      ArchivePath path,
      TreeWalk.Found found,
      Optional<Entry> before,
      boolean ancestor)
      throws HoldfastException, IOException {
    FileStatus status = found.status();
    Optional<HardLinks.First> first = links.first(status);
    ArchivePath link = HardLinks.link(status, first);
    Metadata metadata =
        isUnchanged(before, status)
            ? EntryMaker.metadata(status, before.orElseThrow(), link)
            : maker.metadata(found.path(), path, status, link);
    Optional<Entry> entry = maker.entry(found.path(), path, status, metadata, ancestor);
    if (entry.isEmpty()) {
      counts.socket();
      return;
    }
    if (first.isEmpty()) {
      links.put(status, path, new HardLinks.NoContent());
    }
    if (status.type() == FileType.FOLDER) {
      counts.folder();
    } else {
      counts.other();
    }
    archive.add(entry.get());
  }

  private void file(
      SourceTree tree,
      EntryMaker maker,
      ArchivePath path,
      TreeWalk.Found found,
      Optional<Entry> before)
      throws HoldfastException, IOException {
    FileStatus status = found.status();
    Optional<HardLinks.First> first = links.first(status);
    ArchivePath link = HardLinks.link(status, first);
    if (first.isPresent() && first.get().content() instanceof HardLinks.Content shared) {
      add(path, maker.metadata(found.path(), path, status, link), shared);
      progress.bytes(shared.extents().length());
      return;
    }
    Optional<Entry.RegularFile> known =
        before
            .filter(Entry.RegularFile.class::isInstance)
            .map(Entry.RegularFile.class::cast)
            .filter(Entry.RegularFile::isWhole)
            .filter(entry -> !lost.isNeededBy(entry.extents()));
    if (known.isPresent() && old.isUnchanged(known.get(), status)) {
      Entry.RegularFile file = known.get();
      HardLinks.Content kept =
          new HardLinks.Content(FileExtents.known(file.extents()), file.tag(), false, true);
      links.put(status, path, kept);
      add(path, EntryMaker.metadata(status, file, link), kept);
      progress.bytes(kept.extents().length());
      return;
    }
    read(tree, maker, path, found, known);
  }

  private void read(
      SourceTree tree,
      EntryMaker maker,
      ArchivePath path,
      TreeWalk.Found found,
      Optional<Entry.RegularFile> known)
      throws HoldfastException, IOException {
    try (SourceFile file = tree.open(found.path(), found.status())) {
      HardLinks.Content taken = content.read(file, known);
      FileStatus status = file.opened();
      ArchivePath link = HardLinks.link(status, Optional.empty());
      Metadata metadata = maker.metadata(found.path(), path, status, link);
      links.put(status, path, taken);
      add(path, metadata, taken);
    }
  }

  private void add(ArchivePath path, Metadata metadata, HardLinks.Content taken)
      throws HoldfastException, IOException {
    long size = taken.extents().length();
    counts.file(size, taken.unchanged(), taken.changed());
    progress.file();
    Bytes tag = taken.tag();
    boolean changed = taken.changed();
    archive.add(
        taken.extents(),
        extents -> new Entry.RegularFile(path, metadata, size, 0, changed, tag, extents.extents()));
  }

  private boolean isUnchanged(Optional<Entry> before, FileStatus status) {
    return before.isPresent()
        && !(before.get() instanceof Entry.RegularFile)
        && old.isUnchanged(before.get(), status);
  }

  /// The folders above a path, each once over all paths.
  private void takeInAncestors(ArchivePath root) throws HoldfastException, IOException {
    if (root.isRoot()) {
      return;
    }
    TreeSet<ArchivePath> above = new TreeSet<>();
    for (ArchivePath path = root.parent(); ; path = path.parent()) {
      above.add(path);
      if (path.isRoot()) {
        break;
      }
    }
    for (ArchivePath path : above) {
      if (ancestors.add(path)) {
        ancestor(path);
      }
    }
  }

  private void ancestor(ArchivePath path) throws HoldfastException, IOException {
    // With a dot behind it, a link to a folder is the folder: what the path was asked for through.
    try (SourceTree tree =
        place.open(TreePath.join(BackupScope.absolute(path), new byte[] {'.'}))) {
      TreeWalk.Found found = new TreeWalk.Found(TreePath.root(), tree.status(TreePath.root()));
      other(new EntryMaker(tree, counts), path, found, old.find(path), true);
    } catch (FileAccessException e) {
      counts.unreadable(path, reason(e));
    }
  }

  private static ArchivePath join(ArchivePath root, byte[] below) throws CorruptException {
    if (below.length == 0) {
      return root;
    }
    return root.isRoot()
        ? ArchivePath.of(below)
        : ArchivePath.of(TreePath.join(root.toArray(), below));
  }

  private static String reason(FileAccessException failure) {
    return String.valueOf(failure.getMessage());
  }
}
