package org.holdfast.client.restore;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.archive.Metadata;
import org.holdfast.client.tree.PathText;
import org.holdfast.core.Bytes;

/// An entry as a listing shows it: values for programs, and a line for a person.
///
/// Paths, names and targets are as [PathText] prints them, so that none can steer a terminal.
public record ListedEntry(Entry entry) {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT);
  private static final String[] RIGHTS = {"---", "--x", "-w-", "-wx", "r--", "r-x", "rw-", "rwx"};

  /// `file`, `folder`, `symlink`, `fifo`, `character device` or `block device`.
  public String type() {
    return switch (entry) {
      case Entry.RegularFile _ -> "file";
      case Entry.Folder _ -> "folder";
      case Entry.Symlink _ -> "symlink";
      case Entry.Fifo _ -> "fifo";
      case Entry.Device device ->
          switch (device.kind()) {
            case CHARACTER -> "character device";
            case BLOCK -> "block device";
          };
    };
  }

  /// The absolute path.
  public String path() {
    return "/" + PathText.print(entry.path().toArray());
  }

  /// Of a file, or of a symlink's target; otherwise 0.
  public long size() {
    return switch (entry) {
      case Entry.RegularFile file -> file.size();
      case Entry.Symlink link -> link.target().length();
      case Entry.Folder _, Entry.Fifo _, Entry.Device _ -> 0;
    };
  }

  /// Type and rights as `ls -l` shows them.
  public String mode() {
    int mode = entry.metadata().mode();
    StringBuilder text = new StringBuilder(10).append(typeLetter());
    for (int shift = 6; shift >= 0; shift -= 3) {
      text.append(RIGHTS[mode >> shift & 7]);
    }
    mark(text, 3, (mode & 04000) != 0, 's');
    mark(text, 6, (mode & 02000) != 0, 's');
    mark(text, 9, (mode & 01000) != 0, 't');
    return text.toString();
  }

  /// The owner's name, or number if it had none.
  public String user() {
    Metadata metadata = entry.metadata();
    return name(metadata.userName(), metadata.userId());
  }

  /// The group's name, or number if it had none.
  public String group() {
    Metadata metadata = entry.metadata();
    return name(metadata.groupName(), metadata.groupId());
  }

  /// Where a symlink points; empty for all others.
  public String target() {
    return entry instanceof Entry.Symlink link ? PathText.print(link.target().toArray()) : "";
  }

  /// The time of modification, to the second.
  public String time(ZoneId zone) {
    long seconds = entry.metadata().mtimeSeconds();
    try {
      return TIME.format(Instant.ofEpochSecond(seconds).atZone(zone));
    } catch (DateTimeException | ArithmeticException e) {
      return "@" + seconds;
    }
  }

  /// One line with all of it.
  public String line(ZoneId zone) {
    String size =
        entry instanceof Entry.Device device
            ? Integer.toUnsignedString(device.major())
                + ","
                + Integer.toUnsignedString(device.minor())
            : Long.toString(size());
    String line =
        "%s %-8s %-8s %12s %s %s".formatted(mode(), user(), group(), size, time(zone), path());
    return entry instanceof Entry.Symlink ? line + " -> " + target() : line;
  }

  private char typeLetter() {
    return switch (entry) {
      case Entry.RegularFile _ -> '-';
      case Entry.Folder _ -> 'd';
      case Entry.Symlink _ -> 'l';
      case Entry.Fifo _ -> 'p';
      case Entry.Device device ->
          switch (device.kind()) {
            case CHARACTER -> 'c';
            case BLOCK -> 'b';
          };
    };
  }

  /// A special bit takes the place of the right to execute, in capitals where that is missing.
  private static void mark(StringBuilder text, int at, boolean set, char letter) {
    if (set) {
      boolean executes = text.charAt(at) == 'x';
      text.setCharAt(at, executes ? letter : Character.toUpperCase(letter));
    }
  }

  private static String name(Bytes name, int number) {
    return name.length() == 0 ? Integer.toUnsignedString(number) : PathText.print(name.toArray());
  }
}
