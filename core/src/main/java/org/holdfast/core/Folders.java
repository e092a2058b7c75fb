package org.holdfast.core;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// What the JDK has no name for. An edge: it reaches the disk.
public final class Folders {
  private Folders() {}

  /// Makes a folder, and those around it, where they are missing, and waits until their names are
  /// on disk: what is forced inside a folder is lost with the folder's own name.
  ///
  /// Folders that are there may have been made by a process that did not live to force their names.
  /// They are forced too, as far as they can be: one that is another's may not be opened, and one
  /// of a file system that cannot force folders was not made here.
  public static void make(Path folder, FileAttribute<?>... attributes) throws IOException {
    boolean wasThere = Files.isDirectory(folder);
    if (!wasThere) {
      Files.createDirectories(folder, attributes);
    }
    Path around = folder.toAbsolutePath().normalize().getParent();
    while (around != null) {
      try {
        sync(around);
      } catch (IOException e) {
        if (!wasThere && around.equals(folder.toAbsolutePath().normalize().getParent())) {
          throw e;
        }
      }
      around = around.getParent();
    }
  }

  /// Deletes a folder that nobody else changes, with all that is in it; nothing if it is not there.
  public static void delete(Path folder) throws IOException {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    List<Path> all;
    try (Stream<Path> found = Files.walk(folder)) {
      all = found.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path each : all) {
      Files.delete(each);
    }
  }

  /// Puts what `content` writes in the place of a file. Whatever happens meanwhile, the old content
  /// or this one is there, whole; when this returns it is this one, and on the disk.
  ///
  /// It is written aside first, under the file's name and `.new`: one caller at a time.
  public static void replace(Path file, Content content) throws IOException {
    Path next = file.resolveSibling(file.getFileName() + ".new");
    try (FileChannel channel =
        FileChannel.open(
            next,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      content.write(channel);
      channel.force(true);
    }
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    sync(file.resolveSibling("."));
  }

  /// As the other one, with the rest of these bytes.
  public static void replace(Path file, ByteBuffer bytes) throws IOException {
    replace(file, channel -> write(channel, bytes));
  }

  /// Writes the rest of these bytes.
  public static void write(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /// Waits until the names in a folder are on disk, or what is in a file.
  public static void sync(Path path) throws IOException {
    try (FileChannel opened = FileChannel.open(path, StandardOpenOption.READ)) {
      opened.force(true);
    }
  }

  /// Writes a file's content.
  public interface Content {
    void write(FileChannel to) throws IOException;
  }
}
