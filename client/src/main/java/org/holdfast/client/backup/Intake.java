package org.holdfast.client.backup;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.archive.Metadata;
import org.holdfast.client.tree.ExtendedAttribute;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.client.tree.FileStatus;
import org.holdfast.client.tree.FileType;
import org.holdfast.client.tree.SourceFile;
import org.holdfast.client.tree.SourceTree;
import org.holdfast.client.tree.TreePath;
import org.holdfast.client.tree.TreeWalk;
import org.holdfast.core.Bytes;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.jspecify.annotations.Nullable;

/// Walks the paths asked for and takes in what it meets: entries go to the archive, content to
/// chunks. What cannot be read is counted and named, and the walk goes on.
///
/// The walk is some entries ahead, so that small files are read before it is their turn. One
/// thread.
final class Intake {
  /// Entries that may wait for the last small file's chunk to fill, before it is cut early so that
  /// memory stays bounded.
  private static final int WAITING_MAX = 20_000;

  /// Entries that the walk may be ahead of what is taken in.
  private static final int AHEAD_MAX = 512;

  /// Bytes that these may hold in memory, or leave to be read at their turn: what lies behind was
  /// looked at long before, and may be another file by then.
  private static final long AHEAD_BYTES_MAX = 4 << 20;

  /// What an extent of an old entry takes in memory.
  private static final int EXTENT_BYTES = 128;

  private final ArchiveWriter archive;
  private final FileIntake content;
  private final Bytes nameKey;
  private final OldArchive old;
  private final LostBlocks lost;
  private final OwnFolders own;
  private final SourceTree.Place place;
  private final Spawner readers;
  private final BackupProgress progress;
  private final Counts counts = new Counts();
  private final HardLinks links = new HardLinks();
  private final TreeSet<ArchivePath> ancestors = new TreeSet<>();

  Intake(
      ArchiveWriter archive,
      FileIntake content,
      Bytes nameKey,
      OldArchive old,
      LostBlocks lost,
      OwnFolders own,
      SourceTree.Place place,
      Spawner readers,
      BackupProgress progress) {
    this.archive = archive;
    this.content = content;
    this.nameKey = nameKey;
    this.old = old;
    this.lost = lost;
    this.own = own;
    this.place = place;
    this.readers = readers;
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
        walk(tree, root, scope);
      } catch (FileAccessException e) {
        counts.unreadable(root, reason(e));
      }
    }
    content.flush();
    archive.finish();
  }

  private void walk(SourceTree tree, ArchivePath root, BackupScope scope)
      throws HoldfastException, IOException {
    EntryMaker maker = new EntryMaker(tree, counts);
    ContentTag tags = new ContentTag(nameKey);
    try (ScopeWalk walk = new ScopeWalk(tree, root, scope, own, counts);
        ReadAhead ahead = new ReadAhead(tree, nameKey, readers)) {
      Deque<Met> met = new ArrayDeque<>();
      long bytes = 0;
      boolean more = true;
      while (more || !met.isEmpty()) {
        while (more
            && (met.isEmpty()
                || (met.size() < AHEAD_MAX && bytes < AHEAD_BYTES_MAX && ahead.hasRoom()))) {
          ScopeWalk.Step step = walk.next();
          more = step != null;
          if (step != null) {
            Met next = meet(step.step(), step.path(), ahead);
            met.add(next);
            bytes += next.bytes;
          }
        }
        Met next = met.poll();
        if (next != null) {
          bytes -= next.bytes;
          takeIn(next, new Reading(tree, maker, ahead, tags));
        }
      }
    }
  }

  /// What is known of an entry when the walk comes to it. A small file that has to be read is read
  /// from here on, unless it may have been read under another name.
  private Met meet(TreeWalk.Step step, ArchivePath path, ReadAhead ahead) throws IOException {
    if (!(step instanceof TreeWalk.Found found)) {
      return new Met(step, path, Optional.empty(), null, 0);
    }
    Optional<Entry> before = old.find(path);
    FileStatus status = found.status();
    long held = extents(before) * (long) EXTENT_BYTES;
    if (status.type() != FileType.REGULAR || unchanged(before, status).isPresent()) {
      return new Met(step, path, before, null, held);
    }
    if (status.size() > SmallFile.LENGTH_MAX || status.mayBeHardLinked()) {
      return new Met(step, path, before, null, held + status.size());
    }
    return new Met(step, path, before, ahead.submit(found.path(), status), held);
  }

  private static int extents(Optional<Entry> before) {
    return before
        .filter(Entry.RegularFile.class::isInstance)
        .map(file -> ((Entry.RegularFile) file).extents().size())
        .orElse(0);
  }

  private void takeIn(Met next, Reading reading) throws HoldfastException, IOException {
    progress.at(next.path.toArray());
    switch (next.step) {
      case TreeWalk.Failed failed -> counts.unreadable(next.path, reason(failed.reason()));
      case TreeWalk.Found found -> found(next, found, reading);
    }
    if (archive.waiting() > WAITING_MAX) {
      content.flush();
      archive.settle();
    }
  }

  private void found(Met met, TreeWalk.Found found, Reading reading)
      throws HoldfastException, IOException {
    try {
      if (found.status().type() == FileType.REGULAR) {
        file(met, found, reading);
      } else {
        other(reading.maker, met.path, found, met.before, false);
      }
    } catch (FileAccessException e) {
      counts.unreadable(met.path, reason(e));
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

  private void file(Met met, TreeWalk.Found found, Reading reading)
      throws HoldfastException, IOException {
    ArchivePath path = met.path;
    FileStatus status = found.status();
    Optional<HardLinks.First> first = links.first(status);
    ArchivePath link = HardLinks.link(status, first);
    if (first.isPresent() && first.get().content() instanceof HardLinks.Content shared) {
      add(path, reading.maker.metadata(found.path(), path, status, link), shared);
      progress.bytes(shared.extents().length());
      return;
    }
    Optional<Entry.RegularFile> unchanged =
        met.ahead == null ? unchanged(met.before, status) : Optional.empty();
    if (unchanged.isPresent()) {
      Entry.RegularFile file = unchanged.get();
      HardLinks.Content kept =
          new HardLinks.Content(FileExtents.known(file.extents()), file.tag(), false, true);
      links.put(status, path, kept);
      add(path, EntryMaker.metadata(status, file, link), kept);
      progress.bytes(kept.extents().length());
      return;
    }
    Optional<SmallFile> small = small(met, found, reading);
    if (small.isPresent()) {
      HardLinks.Content taken = content.take(small.get(), known(met.before));
      read(path, small.get().opened(), small.get().attributes(), taken, reading.maker);
      return;
    }
    try (SourceFile file = open(reading.tree, found)) {
      HardLinks.Content taken = content.read(file);
      read(path, file.opened(), file.attributes(), taken, reading.maker);
    }
  }

  /// The file as a whole, read before or now; empty if it is not small, or has holes.
  private static Optional<SmallFile> small(Met met, TreeWalk.Found found, Reading reading)
      throws FileAccessException {
    if (met.ahead != null) {
      return reading.ahead.take(met.ahead);
    }
    if (found.status().size() > SmallFile.LENGTH_MAX) {
      return Optional.empty();
    }
    try (SourceFile file = open(reading.tree, found)) {
      return SmallFile.read(file, reading.tags, SmallFile.LENGTH_MAX);
    }
  }

  /// Opens the file that was found, or the one that has taken its place since, as when an editor
  /// saves it.
  private static SourceFile open(SourceTree tree, TreeWalk.Found found) throws FileAccessException {
    try {
      return tree.open(found.path(), found.status());
    } catch (FileAccessException e) {
      if (!e.isReplaced()) {
        throw e;
      }
      FileStatus other = tree.status(found.path());
      if (other.type() != FileType.REGULAR) {
        throw e;
      }
      return tree.open(found.path(), other);
    }
  }

  private void read(
      ArchivePath path,
      FileStatus status,
      List<ExtendedAttribute> attributes,
      HardLinks.Content taken,
      EntryMaker maker)
      throws HoldfastException, IOException {
    ArchivePath link = HardLinks.link(status, Optional.empty());
    Metadata metadata = maker.metadata(attributes, path, status, link);
    links.put(status, path, taken);
    add(path, metadata, taken);
  }

  /// The old entry of a file whose content can be relied on.
  private Optional<Entry.RegularFile> known(Optional<Entry> before) {
    return before
        .filter(Entry.RegularFile.class::isInstance)
        .map(Entry.RegularFile.class::cast)
        .filter(Entry.RegularFile::isWhole)
        .filter(entry -> !lost.isNeededBy(entry.extents()));
  }

  private Optional<Entry.RegularFile> unchanged(Optional<Entry> before, FileStatus status) {
    return known(before).filter(file -> old.isUnchanged(file, status));
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

  private static String reason(FileAccessException failure) {
    return String.valueOf(failure.getMessage());
  }

  /// What the walk has met, and what is under way for it.
  ///
  /// @param before its entry in the last archive
  /// @param ahead if it is read before its turn
  /// @param bytes what it holds in memory, or leaves to be read at its turn
  private record Met(
      TreeWalk.Step step,
      ArchivePath path,
      Optional<Entry> before,
      ReadAhead.@Nullable Ahead ahead,
      long bytes) {}

  /// What a tree's files are read with.
  private record Reading(SourceTree tree, EntryMaker maker, ReadAhead ahead, ContentTag tags) {}
}
