package org.holdfast.client.archive;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.crypto.SecretKey;
import org.holdfast.client.archive.Entry.RegularFile;
import org.holdfast.core.Invariant;
import org.jspecify.annotations.Nullable;

/// Cuts the sorted entries of an archive into pages.
///
/// Invariants: paths strictly ascend, over all pages; every regular file is whole, and is cut into
/// parts here if it is long. Where pages end says `docs/format-archive.md`. One thread at a time.
public final class PageEncoder {
  private final PageEnds ends;
  private final PageBuilder page = new PageBuilder();
  private @Nullable ArchivePath last;

  public PageEncoder(SecretKey pageKey) {
    ends = new PageEnds(pageKey);
  }

  /// Takes the next entry and gives the pages that are finished: mostly none, rarely one, several
  /// only for a long file.
  public List<EncodedPage> add(Entry entry) {
    Invariant.check(
        last == null || last.compareTo(entry.path()) < 0, "entries come sorted by path");
    last = entry.path();
    if (entry instanceof RegularFile file) {
      Invariant.check(file.isWhole(), "a file is added as a whole");
      if (file.extents().size() > RegularFile.EXTENTS_MAX) {
        return addLongFile(file);
      }
    }
    page.add(entry);
    return isEnd(entry.path()) ? List.of(page.finish()) : List.of();
  }

  /// The page that is still open, if it holds anything. Afterwards another archive may begin.
  public Optional<EncodedPage> finish() {
    last = null;
    return page.count() == 0 ? Optional.empty() : Optional.of(page.finish());
  }

  private List<EncodedPage> addLongFile(RegularFile file) {
    List<EncodedPage> finished = new ArrayList<>();
    finish().ifPresent(finished::add);
    last = file.path();
    for (RegularFile part : LongFile.split(file)) {
      page.add(part);
      if (part.end() < file.size() || isEnd(file.path())) {
        finished.add(page.finish());
      }
    }
    return finished;
  }

  private boolean isEnd(ArchivePath path) {
    int count = page.count();
    return count == EntryFormat.ENTRIES_MAX
        || page.length() >= EntryFormat.LENGTH_END
        || (count >= PageEnds.ENTRIES_MIN && ends.endsAfter(path));
  }
}
