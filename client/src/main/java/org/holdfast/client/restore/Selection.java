package org.holdfast.client.restore;

import java.util.Arrays;
import java.util.BitSet;
import java.util.TreeSet;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.catalog.Archive;
import org.holdfast.client.catalog.BlockSource;
import org.holdfast.client.catalog.PageReader;
import org.holdfast.client.tree.PathText;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.jspecify.annotations.Nullable;

/// Which entries of an archive are restored, and under what path below the target.
///
/// - Of a whole archive: their full paths.
/// - Of a subtree that is a folder: what the folder holds, straight into the target; the target
///   keeps its own metadata.
/// - Of any other subtree: that one entry, under its last name.
///
/// Includes are disjoint here: one within another says nothing more. The folders above them, and
/// above what patterns match, are restored too, without what else they hold. One thread.
final class Selection {
  private final ArchivePath base;
  private final boolean isFolder;
  private final TreeSet<ArchivePath> includes = new TreeSet<>();
  private final EntryPatterns.Judge judge;
  private final int strippedNames;

  /// What is taken off the front of the first path; nothing else may be, as two entries could get
  /// one name.
  private byte @Nullable [] stripped;

  /// `isFolder` tells of what kind the subtree's own entry is.
  private Selection(RestoreOptions options, boolean isFolder) throws RefusedException {
    this.base = options.subtree();
    this.isFolder = isFolder;
    this.judge = new EntryPatterns.Judge(options.patterns());
    this.strippedNames = isFolder ? options.strippedNames() : 0;
    for (ArchivePath each : new TreeSet<>(options.includes())) {
      if (!base.contains(each)) {
        throw new RefusedException(
            "an included path is not within what is restored: write it as it is in the archive");
      }
      if (!covers(each)) {
        includes.add(each);
      }
    }
    if (includes.isEmpty()) {
      includes.add(base);
    }
  }

  /// Throws [RefusedException] if a path that is asked for is not in the archive.
  static Selection open(BlockSource blocks, Archive archive, RestoreOptions options)
      throws HoldfastException {
    Selection selection = new Selection(options, isFolder(blocks, archive, options.subtree()));
    for (ArchivePath each : options.includes()) {
      isFolder(blocks, archive, each);
    }
    return selection;
  }

  /// One whose page is lost counts as a folder.
  private static boolean isFolder(BlockSource blocks, Archive archive, ArchivePath path)
      throws HoldfastException {
    if (path.isRoot()) {
      return true;
    }
    return switch (PageReader.find(blocks, archive, path)) {
      case PageReader.Found found -> found.entry() instanceof Entry.Folder;
      case PageReader.Lost _ -> true;
      case null ->
          throw new RefusedException(
              "there is no such path in archive %s: `holdfast ls %s` lists what is there"
                  .formatted(archive.info().name(), archive.info().id()));
    };
  }

  /// Whether the entry is restored: for its own sake, or as a folder above an included path.
  boolean takes(ArchivePath path, boolean isFolder) {
    if (covers(path)) {
      return !isStripped(path) && judge.of(path, isFolder).isWanted();
    }
    return isFolder && leadsTo(path) && !isStripped(path) && !judge.of(path, true).isLeftOut();
  }

  /// Whether something in a folder that is not taken may be.
  boolean mayLeadTo(ArchivePath folder) {
    return covers(folder)
        && !isTarget(folder)
        && !isStripped(folder)
        && !judge.of(folder, true).isLeftOut();
  }

  private boolean isStripped(ArchivePath path) {
    return strippedNames > 0 && !isTarget(path) && names(path) <= strippedNames;
  }

  /// How many names the path has below the target, before some are taken off.
  private int names(ArchivePath path) {
    byte[] bytes = whole(path);
    int names = bytes.length == 0 ? 0 : 1;
    for (byte each : bytes) {
      names += each == '/' ? 1 : 0;
    }
    return names;
  }

  private boolean covers(ArchivePath path) {
    ArchivePath before = includes.floor(path);
    return before != null && before.contains(path);
  }

  private boolean leadsTo(ArchivePath path) {
    ArchivePath after = includes.ceiling(path);
    return after != null && path.contains(after) && base.contains(path);
  }

  /// Whether this is the folder whose contents go straight into the target.
  boolean isTarget(ArchivePath path) {
    return isFolder && path.equals(base);
  }

  /// Throws [RefusedException] where the names that are taken off this path's front are others than
  /// those of the entries before it.
  void checkStripped(ArchivePath path) throws RefusedException {
    if (strippedNames == 0) {
      return;
    }
    byte[] whole = whole(path);
    byte[] front = Arrays.copyOf(whole, whole.length - target(path).length);
    if (stripped == null) {
      stripped = front;
    } else if (!Arrays.equals(stripped, front)) {
      throw new RefusedException(
          "--strip-components would put two folders into one, /%s and /%s: restore each by"
                  .formatted(PathText.print(stripped), PathText.print(front))
              + " ARCHIVE:PATH, or name one with --include");
    }
  }

  /// The path below the target.
  byte[] target(ArchivePath path) {
    byte[] whole = whole(path);
    int from = 0;
    for (int stripped = 0; stripped < strippedNames && from < whole.length; from++) {
      stripped += whole[from] == '/' ? 1 : 0;
    }
    return from == 0 ? whole : Arrays.copyOfRange(whole, from, whole.length);
  }

  private byte[] whole(ArchivePath path) {
    if (!isFolder) {
      return path.name();
    }
    byte[] bytes = path.toArray();
    return base.isRoot() ? bytes : Arrays.copyOfRange(bytes, base.length() + 1, bytes.length);
  }

  /// The pages to read.
  BitSet pages(Archive archive) {
    BitSet pages = new BitSet();
    for (ArchivePath each : includes) {
      pages.or(PageReader.pages(archive, each));
      for (ArchivePath above = each; !above.equals(base); ) {
        above = above.parent();
        pages.or(PageReader.page(archive, above));
      }
    }
    return pages;
  }
}
