package org.holdfast.client.archive;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.client.archive.Entry.RegularFile;

/// Files with so many extents that they stand in pages as several parts.
final class LongFile {
  private LongFile() {}

  /// The parts of a whole file, each but the last with as many extents as an entry may have.
  static List<RegularFile> split(RegularFile file) {
    List<RegularFile> parts = new ArrayList<>();
    List<Extent> extents = file.extents();
    long offset = 0;
    for (int from = 0; from < extents.size(); from += RegularFile.EXTENTS_MAX) {
      int to = Math.min(extents.size(), from + RegularFile.EXTENTS_MAX);
      RegularFile part = with(file, offset, extents.subList(from, to));
      parts.add(part);
      offset = part.end();
    }
    return parts;
  }

  /// Whether the entry is the part that begins where this one ends.
  static boolean goesOn(RegularFile part, Entry entry) {
    return entry instanceof RegularFile next
        && next.offset() == part.end()
        && next.equals(with(part, next.offset(), next.extents()))
        && part.end() < part.size();
  }

  /// The file of these parts, which follow each other.
  static RegularFile join(List<RegularFile> parts) {
    List<Extent> extents = new ArrayList<>();
    for (RegularFile part : parts) {
      extents.addAll(part.extents());
    }
    return with(parts.getFirst(), 0, extents);
  }

  private static RegularFile with(RegularFile file, long offset, List<Extent> extents) {
    return new RegularFile(
        file.path(), file.metadata(), file.size(), offset, file.changed(), file.tag(), extents);
  }
}
