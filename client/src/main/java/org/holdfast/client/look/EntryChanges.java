package org.holdfast.client.look;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.archive.Metadata;
import org.holdfast.client.tree.PathText;
import org.holdfast.core.Bytes;

/// How two entries of one path differ in what a restore brings back. Times of change, inodes and
/// devices of file systems do not count.
final class EntryChanges {
  private EntryChanges() {}

  /// Empty if they do not.
  static Optional<Change> of(WholeEntries.Whole before, WholeEntries.Whole after) {
    Entry was = before.entry();
    Entry is = after.entry();
    if (was.getClass() != is.getClass()) {
      return Optional.of(new Change(Change.Kind.TYPE, is, List.of()));
    }
    List<String> details = new ArrayList<>();
    boolean isOther = comparesContent(before, after, details);
    compareMetadata(was.metadata(), is.metadata(), details);
    if (details.isEmpty()) {
      return Optional.empty();
    }
    Change.Kind kind = isOther ? Change.Kind.CONTENT : Change.Kind.METADATA;
    return Optional.of(new Change(kind, is, details));
  }

  private static boolean comparesContent(
      WholeEntries.Whole before, WholeEntries.Whole after, List<String> details) {
    switch (after.entry()) {
      case Entry.RegularFile is -> {
        Entry.RegularFile was = (Entry.RegularFile) before.entry();
        if (was.size() != is.size()) {
          details.add("size %d -> %d".formatted(was.size(), is.size()));
        } else if (!before.content().equals(after.content())) {
          details.add("content");
        }
      }
      case Entry.Symlink is -> {
        Bytes was = ((Entry.Symlink) before.entry()).target();
        if (!was.equals(is.target())) {
          details.add("target %s -> %s".formatted(print(was), print(is.target())));
        }
      }
      case Entry.Device is -> {
        Entry.Device was = (Entry.Device) before.entry();
        if (was.kind() != is.kind() || was.major() != is.major() || was.minor() != is.minor()) {
          details.add("device");
        }
      }
      case Entry.Folder _, Entry.Fifo _ -> {}
    }
    return !details.isEmpty();
  }

  private static void compareMetadata(Metadata was, Metadata is, List<String> details) {
    if (was.mode() != is.mode()) {
      details.add(String.format(Locale.ROOT, "mode %04o -> %04o", was.mode(), is.mode()));
    }
    compareOwner("user", was.userId(), was.userName(), is.userId(), is.userName(), details);
    compareOwner("group", was.groupId(), was.groupName(), is.groupId(), is.groupName(), details);
    if (was.mtimeSeconds() != is.mtimeSeconds() || was.mtimeNanos() != is.mtimeNanos()) {
      details.add("time");
    }
    if (!was.attributes().equals(is.attributes())) {
      details.add("attributes");
    }
    if (!was.firstName().equals(is.firstName())) {
      details.add("hard link");
    }
  }

  private static void compareOwner(
      String what, int idBefore, Bytes before, int idAfter, Bytes after, List<String> details) {
    if (idBefore != idAfter || !before.equals(after)) {
      details.add("%s %s -> %s".formatted(what, owner(idBefore, before), owner(idAfter, after)));
    }
  }

  private static String owner(int id, Bytes name) {
    return name.length() == 0 ? Integer.toUnsignedString(id) : print(name);
  }

  private static String print(Bytes text) {
    return PathText.print(text.toArray());
  }
}
