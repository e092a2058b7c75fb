package org.holdfast.bucket;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Makes folders, and the names in them, durable.
///
/// A name is durable when its folder has been synced since, and the folder's own name is durable,
/// and so on up to the bucket's root. A folder that exists may have been made a moment ago by
/// another process that has not synced it yet, so each process syncs the way to a folder once
/// before it relies on it. Folders are never removed, so once is enough.
final class FolderSync {
  /// How many folders are remembered; beyond it all are forgotten, at the cost of a few syncs.
  private static final int MAX_KNOWN = 10_000;

  private final Path root;
  private final boolean readsOnly;
  private final Set<Path> durable = ConcurrentHashMap.newKeySet();

  FolderSync(Path root) {
    this(root, false);
  }

  private FolderSync(Path root, boolean readsOnly) {
    this.root = root;
    this.readsOnly = readsOnly;
  }

  /// Of who only reads, and builds nothing on it: syncs nothing, which not every disk that cannot
  /// be written takes.
  static FolderSync reading(Path root) {
    return new FolderSync(root, true);
  }

  /// The names in a folder were read: makes them durable.
  void read(Path folder) throws IOException {
    if (!readsOnly) {
      sync(folder);
    }
  }

  /// Makes the names in one folder durable that are there when the call starts.
  static void sync(Path folder) throws IOException {
    // Linux and macOS open a folder for reading and sync it; there is no API that promises it.
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /// Creates a folder of keys where it is missing, and makes it and the way to it durable. Throws
  /// [NotDirectoryException] where a file is in the way.
  void make(Path folder) throws IOException {
    if (folder.equals(root) || durable.contains(folder)) {
      return;
    }
    Path parent = parentOf(folder);
    make(parent);
    createIfMissing(folder);
    sync(parent);
    remember(folder);
  }

  /// Makes the way to a folder durable that exists.
  void confirm(Path folder) throws IOException {
    if (readsOnly || folder.equals(root) || durable.contains(folder)) {
      return;
    }
    Path parent = parentOf(folder);
    confirm(parent);
    sync(parent);
    remember(folder);
  }

  /// Somebody has removed the folder: look again next time.
  void forget(Path folder) {
    for (Path each = folder; !each.equals(root); each = parentOf(each)) {
      durable.remove(each);
    }
  }

  /// Makes the bucket's root, its missing parents, and their names durable.
  static void makeRoot(Path folder) throws IOException {
    Path parent = folder.getParent();
    if (Files.isDirectory(folder) || parent == null) {
      return;
    }
    makeRoot(parent);
    createIfMissing(folder);
    sync(parent);
  }

  static void createIfMissing(Path folder) throws IOException {
    try {
      Files.createDirectory(folder);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(folder)) {
        NotDirectoryException thrown = new NotDirectoryException(folder.toString());
        thrown.initCause(e);
        throw thrown;
      }
    }
  }

  private void remember(Path folder) {
    if (durable.size() >= MAX_KNOWN) {
      durable.clear();
    }
    durable.add(folder);
  }

  /// The folder of a path below the bucket's root.
  static Path parentOf(Path path) {
    return Objects.requireNonNull(path.getParent(), "a path below the bucket's folder");
  }
}
