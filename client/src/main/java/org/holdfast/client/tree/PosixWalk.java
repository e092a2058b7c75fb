package org.holdfast.client.tree;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A walk through a [PosixTree]: one `getdents64` loop a folder, one `statx` an entry.
///
/// Keeps the folders on its way open, up to [#OPEN_FOLDERS]; those further up are opened again when
/// the walk comes back to them. One thread.
final class PosixWalk implements TreeWalk {
  static final int OPEN_FOLDERS = 256;

  private final FolderCache folders;
  private final Scratch scratch = Scratch.borrow();
  private final OpenFlags openFlags = new OpenFlags(scratch);
  private final List<Frame> way = new ArrayList<>();
  private final ArrayDeque<Step> ready = new ArrayDeque<>();
  private @Nullable Found unlisted;
  private boolean started;
  private boolean closed;

  PosixWalk(FolderCache folders) {
    this.folders = folders;
  }

  @Override
  public @Nullable Step next() {
    if (!started) {
      started = true;
      Anchor anchor = folders.anchor();
      return look(anchor.folder(), anchor.name(), TreePath.root());
    }
    if (unlisted != null) {
      Found folder = unlisted;
      unlisted = null;
      list(folder);
    }
    if (!ready.isEmpty()) {
      return ready.poll();
    }
    while (!way.isEmpty()) {
      Frame frame = way.getLast();
      if (frame.next == frame.names.size()) {
        leave(frame);
        continue;
      }
      if (frame.folder == null) {
        Step failure = reopen(frame);
        if (failure != null) {
          return failure;
        }
      }
      byte[] name = frame.names.get(frame.next++);
      return look(frame.file(), name, TreePath.join(frame.path, name));
    }
    return null;
  }

  @Override
  public void skipChildren() {
    unlisted = null;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    while (!way.isEmpty()) {
      leave(way.getLast());
    }
    scratch.close();
  }

  private Step look(int folder, byte[] name, byte[] path) {
    int outcome = Statx.ofName(scratch, folder, name);
    if (outcome < 0) {
      return failed("look at", path, outcome);
    }
    Found found = new Found(path, Statx.decode(scratch));
    if (found.status().type() == FileType.FOLDER) {
      unlisted = found;
    }
    return found;
  }

  private void list(Found found) {
    Frame parent = way.isEmpty() ? null : way.getLast();
    int in = parent == null ? folders.anchor().folder() : parent.file();
    byte[] name = parent == null ? folders.anchor().name() : TreePath.name(found.path());
    int flags = Platform.O_DIRECTORY;
    int file = openFlags.open(scratch, in, name, flags, found.status().uid());
    if (file < 0) {
      ready.add(failed("list", found.path(), file));
      return;
    }
    Listing listing = Listing.read(scratch, file).sorted();
    if (listing.errno() != 0) {
      ready.add(failed("list", found.path(), -listing.errno()));
    }
    way.add(new Frame(found.path(), listing.names(), folders.adopt(found.path(), file)));
    if (way.size() > OPEN_FOLDERS) {
      way.get(way.size() - 1 - OPEN_FOLDERS).release(folders);
    }
  }

  /// Returns what stood in the way, if it did; the rest of the folder is left out then.
  private @Nullable Step reopen(Frame frame) {
    try {
      frame.folder = folders.acquire(frame.path);
      return null;
    } catch (FileAccessException gone) {
      frame.next = frame.names.size();
      return new Failed(frame.path, gone);
    }
  }

  private void leave(Frame frame) {
    frame.release(folders);
    way.removeLast();
  }

  private Failed failed(String action, byte[] path, int outcome) {
    return new Failed(
        path, new FileAccessException(action, folders.anchor().printed(path), -outcome));
  }

  /// A folder on the way, and how far the walk is in it.
  private static final class Frame {
    private final byte[] path;
    private final List<byte[]> names;
    private FolderCache.@Nullable Folder folder;
    private int next;

    Frame(byte[] path, List<byte[]> names, FolderCache.Folder folder) {
      this.path = path;
      this.names = names;
      this.folder = folder;
    }

    int file() {
      return Objects.requireNonNull(folder).file;
    }

    void release(FolderCache folders) {
      if (folder != null) {
        folders.release(folder);
        folder = null;
      }
    }
  }
}
