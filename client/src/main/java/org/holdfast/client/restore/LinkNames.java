package org.holdfast.client.restore;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.catalog.PageReader;
import org.jspecify.annotations.Nullable;

/// Which restored entry a hard linked one is another name of.
///
/// If the first name is not restored, since it is not asked for or its page is lost, the first one
/// that is takes its place: only those groups are remembered, and special entries with several
/// names that could not be created.
final class LinkNames {
  private final Selection selection;
  private final List<PageReader.Lost> lost = new ArrayList<>();
  private final Map<ArchivePath, ArchivePath> heirs = new HashMap<>();
  private final Set<ArchivePath> omitted = new HashSet<>();

  LinkNames(Selection selection) {
    this.selection = selection;
  }

  void addLost(PageReader.Lost range) {
    lost.add(range);
  }

  /// Notes a special entry that this user cannot create.
  void omit(ArchivePath path) {
    omitted.add(path);
  }

  boolean isOmitted(ArchivePath path) {
    return omitted.contains(path);
  }

  /// The entry to link to, or null if this one is to be restored itself.
  @Nullable ArchivePath existing(Entry entry) {
    ArchivePath first = entry.metadata().firstName().orElse(null);
    if (first == null) {
      return null;
    }
    return selection.takes(first, false) && !isLost(first)
        ? first
        : heirs.putIfAbsent(first, entry.path());
  }

  private boolean isLost(ArchivePath path) {
    return lost.stream().anyMatch(each -> each.mayHold(path));
  }
}
