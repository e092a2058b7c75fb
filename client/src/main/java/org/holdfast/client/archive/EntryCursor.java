package org.holdfast.client.archive;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.holdfast.client.archive.Entry.RegularFile;
import org.holdfast.core.CorruptException;
import org.holdfast.core.Invariant;
import org.jspecify.annotations.Nullable;

/// Steps through the entries of a list in order, in step with a walk that goes in the same order.
///
/// Long files come whole. Holds one page and one entry. After an exception the cursor is of no
/// further use. One thread at a time.
public final class EntryCursor {
  private final ListReader list;
  private @Nullable PageDecoder page;
  private @Nullable Entry part;
  private @Nullable Entry entry;
  private @Nullable ArchivePath sought;
  private long parts;

  public EntryCursor(ListReader list) {
    this.list = list;
  }

  /// The next entry, or nothing after the last.
  public Optional<Entry> next() throws IOException, CorruptException {
    Entry next = entry == null ? whole() : entry;
    entry = null;
    return Optional.ofNullable(next);
  }

  /// The entry with that path, if there is one; those before it are passed over. Paths asked for
  /// must ascend, and may be asked for in turn with [#next].
  public Optional<Entry> seek(ArchivePath path) throws IOException, CorruptException {
    Invariant.check(sought == null || sought.compareTo(path) < 0, "paths sought are sorted");
    sought = path;
    if (entry == null) {
      entry = whole();
    }
    while (entry != null && entry.path().compareTo(path) < 0) {
      entry = whole();
    }
    if (entry == null || !entry.path().equals(path)) {
      return Optional.empty();
    }
    return next();
  }

  /// The next entry, with all of its parts.
  private @Nullable Entry whole() throws IOException, CorruptException {
    Entry first = part == null ? read() : part;
    part = first == null ? null : read();
    if (!(first instanceof RegularFile file) || file.isWhole()) {
      checkOrder(first, part);
      return first;
    }
    List<RegularFile> joined = new ArrayList<>(List.of(file));
    while (part != null && LongFile.goesOn(joined.getLast(), part)) {
      joined.add((RegularFile) part);
      part = read();
    }
    RegularFile last = joined.getLast();
    if (file.offset() > 0 || last.end() < last.size()) {
      throw ListReader.fault("a part of a long file is missing");
    }
    checkOrder(last, part);
    return LongFile.join(joined);
  }

  private static void checkOrder(@Nullable Entry before, @Nullable Entry after)
      throws CorruptException {
    if (before != null && after != null && before.path().compareTo(after.path()) >= 0) {
      throw ListReader.fault("pages are not sorted");
    }
  }

  private @Nullable Entry read() throws IOException, CorruptException {
    while (page == null || !page.hasNext()) {
      Optional<ListReader.ListedPage> next = list.next();
      if (next.isEmpty()) {
        if (parts != list.entries()) {
          throw ListReader.fault("it has not as many entries as it says");
        }
        return null;
      }
      page = new PageDecoder(next.get().references(), next.get().content());
    }
    parts++;
    return page.next();
  }
}
