package org.holdfast.cli;

import java.time.Instant;
import java.util.Locale;
import org.holdfast.cli.console.JsonLine;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.archive.Metadata;
import org.holdfast.client.catalog.ArchiveInfo;
import org.holdfast.client.tree.PathText;
import org.holdfast.core.Bytes;

/// An entry of an archive as a line, for people and for scripts.
final class EntryLine {
  private static final String PERMISSIONS = "rwxrwxrwx";

  private EntryLine() {}

  static String path(Entry entry) {
    return "/" + PathText.print(entry.path().toArray());
  }

  static String detailed(Entry entry) {
    Metadata metadata = entry.metadata();
    String tail =
        switch (entry) {
          case Entry.Symlink link -> " -> " + PathText.print(link.target().toArray());
          case Entry.RegularFile _, Entry.Folder _, Entry.Fifo _, Entry.Device _ ->
              metadata
                  .firstName()
                  .map(first -> " link to /" + PathText.print(first.toArray()))
                  .orElse("");
        };
    return String.format(
        Locale.ROOT,
        "%s %-8s %-8s %12s %s %s%s",
        letters(entry),
        owner(metadata.userName(), metadata.userId()),
        owner(metadata.groupName(), metadata.groupId()),
        size(entry),
        time(metadata),
        path(entry),
        tail);
  }

  static String json(Entry entry) {
    return json(entry, new JsonLine("entry"));
  }

  /// With the archive that it is in.
  static String json(Entry entry, ArchiveInfo archive) {
    return json(
        entry,
        new JsonLine("entry")
            .with("archive", archive.root().toString())
            .with("archive_name", archive.name()));
  }

  private static String json(Entry entry, JsonLine line) {
    Metadata metadata = entry.metadata();
    line.with("path", path(entry))
        .with("type", type(entry))
        .with("mode", String.format(Locale.ROOT, "%04o", metadata.mode()))
        .with("uid", Integer.toUnsignedLong(metadata.userId()))
        .with("gid", Integer.toUnsignedLong(metadata.groupId()))
        .with("user", PathText.print(metadata.userName().toArray()))
        .with("group", PathText.print(metadata.groupName().toArray()))
        .with("mtime", instant(metadata).toString());
    metadata
        .firstName()
        .ifPresent(first -> line.with("link_to", "/" + PathText.print(first.toArray())));
    switch (entry) {
      case Entry.RegularFile file -> line.with("size", file.size());
      case Entry.Symlink link -> line.with("target", PathText.print(link.target().toArray()));
      case Entry.Device device ->
          line.with("major", Integer.toUnsignedLong(device.major()))
              .with("minor", Integer.toUnsignedLong(device.minor()));
      case Entry.Folder _, Entry.Fifo _ -> {}
    }
    return line.end();
  }

  static String type(Entry entry) {
    return switch (entry) {
      case Entry.RegularFile _ -> "file";
      case Entry.Folder _ -> "folder";
      case Entry.Symlink _ -> "symlink";
      case Entry.Fifo _ -> "fifo";
      case Entry.Device device ->
          device.kind() == Entry.DeviceKind.BLOCK ? "block_device" : "character_device";
    };
  }

  private static String letters(Entry entry) {
    char kind =
        switch (entry) {
          case Entry.RegularFile _ -> '-';
          case Entry.Folder _ -> 'd';
          case Entry.Symlink _ -> 'l';
          case Entry.Fifo _ -> 'p';
          case Entry.Device device -> device.kind() == Entry.DeviceKind.BLOCK ? 'b' : 'c';
        };
    int mode = entry.metadata().mode();
    StringBuilder letters = new StringBuilder().append(kind);
    for (int bit = 0; bit < 9; bit++) {
      letters.append((mode & 0400 >> bit) != 0 ? PERMISSIONS.charAt(bit) : '-');
    }
    mark(letters, 3, (mode & 04000) != 0, 's');
    mark(letters, 6, (mode & 02000) != 0, 's');
    mark(letters, 9, (mode & 01000) != 0, 't');
    return letters.toString();
  }

  /// As ls does: the special bit shares the place of the right to execute.
  private static void mark(StringBuilder letters, int at, boolean set, char letter) {
    if (set) {
      boolean executable = letters.charAt(at) == 'x';
      letters.setCharAt(at, executable ? letter : Character.toUpperCase(letter));
    }
  }

  private static String owner(Bytes name, int id) {
    return name.length() == 0 ? Integer.toUnsignedString(id) : PathText.print(name.toArray());
  }

  private static String size(Entry entry) {
    return switch (entry) {
      case Entry.RegularFile file -> Long.toString(file.size());
      case Entry.Device device ->
          Integer.toUnsignedString(device.major()) + "," + Integer.toUnsignedString(device.minor());
      case Entry.Folder _, Entry.Symlink _, Entry.Fifo _ -> "-";
    };
  }

  private static String time(Metadata metadata) {
    String text = instant(metadata).toString();
    return text.length() > 19 && text.charAt(4) == '-' ? text.substring(0, 19) + "Z" : text;
  }

  private static Instant instant(Metadata metadata) {
    long seconds =
        Math.clamp(
            metadata.mtimeSeconds(), Instant.MIN.getEpochSecond(), Instant.MAX.getEpochSecond());
    return Instant.ofEpochSecond(seconds, metadata.mtimeNanos());
  }
}
