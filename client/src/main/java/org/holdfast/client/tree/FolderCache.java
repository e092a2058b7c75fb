package org.holdfast.client.tree;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.holdfast.core.Bytes;
import org.holdfast.core.Invariant;
import org.jspecify.annotations.Nullable;

/// Open folders of one tree, by path.
///
/// - Every folder was opened name by name from the root without following a symlink, so a folder
///   that comes out of here is in the tree.
/// - At most [#CAPACITY] folders are open beside those in use. The least recently used goes first;
///   one in use is closed when its last user gives it back.
/// - Trees are read and written in order, so that nearly every request is a hit, and the price of a
///   miss is one `openat` a level below the deepest folder that is known.
///
/// Any thread. The lock is held while folders are opened.
final class FolderCache implements AutoCloseable {
  private static final int CAPACITY = 64;
  private static final int AT_FLAGS =
      Platform.O_PATH | Platform.O_DIRECTORY | Platform.O_NOFOLLOW | Platform.O_CLOEXEC;

  private final Anchor anchor;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Bytes, Folder> folders = new LinkedHashMap<>(CAPACITY * 2, 0.75f, true);
  private boolean closed;

  FolderCache(Anchor anchor) {
    this.anchor = anchor;
  }

  Anchor anchor() {
    return anchor;
  }

  /// The folder that holds the entry, and the entry's name there.
  Place place(byte[] path) throws FileAccessException {
    if (path.length == 0) {
      return new Place(null, anchor.folder(), anchor.name());
    }
    byte[] name = TreePath.name(path);
    if (name.length > Scratch.LONGEST_NAME) {
      throw new FileAccessException("open", anchor.printed(path), Errno.ENAMETOOLONG.number());
    }
    Folder folder = acquire(TreePath.parent(path));
    return new Place(folder, folder.file, name);
  }

  /// An open folder, for [#release]. The file is opened with `O_PATH` unless it was adopted.
  Folder acquire(byte[] path) throws FileAccessException {
    lock.lock();
    try (Scratch scratch = Scratch.borrow()) {
      Invariant.check(!closed, "a tree is not used after it is closed");
      int known = path.length;
      Folder folder = folders.get(Bytes.copyOf(path));
      while (folder == null && known > 0) {
        known = lastSlash(path, known);
        folder = folders.get(Bytes.copyOf(path, 0, known));
      }
      if (folder == null) {
        folder = open(scratch, anchor.folder(), anchor.name(), path, 0);
      }
      while (known < path.length) {
        int start = known == 0 ? 0 : known + 1;
        known = nextSlash(path, start);
        byte[] name = Bytes.copyOf(path, start, known).toArray();
        folder = open(scratch, folder.file, name, path, known);
      }
      folder.users++;
      return folder;
    } finally {
      lock.unlock();
    }
  }

  /// Takes over a folder that the caller has opened; it replaces one of the same path.
  Folder adopt(byte[] path, int file) {
    lock.lock();
    try (Scratch scratch = Scratch.borrow()) {
      Folder folder = new Folder(file);
      folder.users++;
      keep(scratch, Bytes.copyOf(path), folder);
      return folder;
    } finally {
      lock.unlock();
    }
  }

  void release(Folder folder) {
    lock.lock();
    try (Scratch scratch = Scratch.borrow()) {
      folder.users--;
      Invariant.check(folder.users >= 0, "a folder is given back as often as it is taken");
      closeIfUnused(scratch, folder);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try (Scratch scratch = Scratch.borrow()) {
      if (closed) {
        return;
      }
      closed = true;
      for (Folder folder : folders.values()) {
        folder.kept = false;
        closeIfUnused(scratch, folder);
      }
      folders.clear();
      Libc.close(scratch, anchor.folder());
    } finally {
      lock.unlock();
    }
  }

  private Folder open(Scratch scratch, int parent, byte[] name, byte[] path, int end)
      throws FileAccessException {
    byte[] reached = Bytes.copyOf(path, 0, end).toArray();
    int file =
        name.length > Scratch.LONGEST_NAME
            ? -Errno.ENAMETOOLONG.number()
            : Libc.openat(scratch, parent, scratch.name(name), AT_FLAGS, 0);
    if (file < 0) {
      throw new FileAccessException("open folder", anchor.printed(reached), -file);
    }
    Folder folder = new Folder(file);
    keep(scratch, Bytes.wrap(reached), folder);
    return folder;
  }

  private void keep(Scratch scratch, Bytes path, Folder folder) {
    Folder former = folders.put(path, folder);
    if (former != null) {
      former.kept = false;
      closeIfUnused(scratch, former);
    }
    Iterator<Folder> eldest = folders.values().iterator();
    while (folders.size() > CAPACITY) {
      Folder evicted = eldest.next();
      eldest.remove();
      evicted.kept = false;
      closeIfUnused(scratch, evicted);
    }
  }

  private static void closeIfUnused(Scratch scratch, Folder folder) {
    if (!folder.kept && folder.users == 0) {
      Libc.close(scratch, folder.file);
    }
  }

  private static int lastSlash(byte[] path, int end) {
    int at = end - 1;
    while (at > 0 && path[at] != '/') {
      at--;
    }
    return Math.max(at, 0);
  }

  private static int nextSlash(byte[] path, int start) {
    int at = start;
    while (at < path.length && path[at] != '/') {
      at++;
    }
    return at;
  }

  /// An open folder. Its fields belong to the cache's lock, but for `file`.
  static final class Folder {
    final int file;
    private int users;
    private boolean kept = true;

    private Folder(int file) {
      this.file = file;
    }
  }

  /// A name in an open folder, which stays open until this is closed.
  final class Place implements AutoCloseable {
    private final @Nullable Folder held;
    final int folder;
    final byte[] name;

    private Place(@Nullable Folder held, int folder, byte[] name) {
      this.held = held;
      this.folder = folder;
      this.name = name;
    }

    @Override
    public void close() {
      if (held != null) {
        release(held);
      }
    }
  }
}
