package org.holdfast.client.restore;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.catalog.Archive;
import org.holdfast.client.catalog.BlockSource;
import org.holdfast.client.catalog.PageReader;
import org.holdfast.core.HoldfastException;

/// What a restore would write, if nothing is there yet.
///
/// @param bytes of the files, each name of a hard linked one among them once for all
public record Preview(long files, long folders, long others, long bytes) {
  /// Reads what the archive says of its entries, and no content.
  public static Preview of(
      BlockSource blocks,
      Archive archive,
      RestoreOptions options,
      Consumer<Entry> shown,
      Consumer<PageReader.Lost> losses)
      throws HoldfastException {
    Selection selection = Selection.open(blocks, archive, options);
    LinkNames names = new LinkNames(selection);
    Deque<Entry.Folder> expected = new ArrayDeque<>();
    PageReader reader = new PageReader(blocks, archive, selection.pages(archive));
    Preview seen = new Preview(0, 0, 0, 0);
    for (PageReader.Step step = reader.next(); step != null; step = reader.next()) {
      switch (step) {
        case PageReader.Lost lost -> {
          names.addLost(lost);
          losses.accept(lost);
        }
        case PageReader.Found(Entry entry) -> {
          ArchivePath path = entry.path();
          boolean isLaterPart = entry instanceof Entry.RegularFile part && part.offset() > 0;
          while (!expected.isEmpty() && !expected.getLast().path().contains(path)) {
            expected.removeLast();
          }
          if (isLaterPart || selection.isTarget(path)) {
            continue;
          }
          if (selection.takes(path, entry instanceof Entry.Folder)) {
            selection.checkStripped(path);
            while (!expected.isEmpty()) {
              Entry.Folder above = expected.removeFirst();
              seen = seen.and(above, true);
              shown.accept(above);
            }
            seen = seen.and(entry, names.existing(entry) == null);
            shown.accept(entry);
          } else if (entry instanceof Entry.Folder folder && selection.mayLeadTo(path)) {
            expected.addLast(folder);
          }
        }
      }
    }
    return seen;
  }

  private Preview and(Entry entry, boolean isFirstName) {
    return switch (entry) {
      case Entry.RegularFile file ->
          new Preview(files + 1, folders, others, bytes + (isFirstName ? file.size() : 0));
      case Entry.Folder _ -> new Preview(files, folders + 1, others, bytes);
      case Entry.Symlink _, Entry.Fifo _, Entry.Device _ ->
          new Preview(files, folders, others + 1, bytes);
    };
  }
}
