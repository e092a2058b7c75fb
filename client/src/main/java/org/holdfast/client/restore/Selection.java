package org.holdfast.client.restore;

import java.util.Arrays;
import java.util.BitSet;
import java.util.TreeSet;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.catalog.Archive;
import org.holdfast.client.catalog.PageReader;
import org.holdfast.core.RefusedException;

/// Which entries of an archive are restored, and under what path below the target.
///
/// - Of a whole archive: their full paths.
/// - Of a subtree that is a folder: what the folder holds, straight into the target; the target
///   keeps its own metadata.
/// - Of any other subtree: that one entry, under its last name.
///
/// Includes are disjoint here: one within another says nothing more. The folders above them are
/// restored too, without what else they hold.
final class Selection {
  private final ArchivePath base;
  private final boolean isFolder;
  private final TreeSet<ArchivePath> includes = new TreeSet<>();

  /// `isFolder` tells of what kind the subtree's own entry is.
  Selection(RestoreOptions options, boolean isFolder) throws RefusedException {
    this.base = options.subtree();
    this.isFolder = isFolder;
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

  /// Whether the entry is restored for its own sake.
  boolean covers(ArchivePath path) {
    ArchivePath before = includes.floor(path);
    return before != null && before.contains(path);
  }

  /// Whether the entry is a folder above an included path, if it is a folder at all.
  boolean leadsTo(ArchivePath path) {
    ArchivePath after = includes.ceiling(path);
    return after != null && path.contains(after) && base.contains(path);
  }

  /// Whether this is the folder whose contents go straight into the target.
  boolean isTarget(ArchivePath path) {
    return isFolder && path.equals(base);
  }

  /// The path below the target.
  byte[] target(ArchivePath path) {
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
