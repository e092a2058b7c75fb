package org.holdfast.client.tree;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import org.holdfast.core.Invariant;
import org.holdfast.core.RefusedException;

/// A tree of this machine.
///
/// Every system call names one entry in an open folder, so paths have no limit in length and no
/// symlink is followed; see [FolderCache]. Any thread.
public final class PosixTree implements SourceTree {
  private final Anchor anchor;
  private final FolderCache folders;
  private final OpenFlags openFlags;
  private final Accounts accounts = new Accounts();

  private PosixTree(Anchor anchor) {
    this.anchor = anchor;
    this.folders = new FolderCache(anchor);
    try (Scratch scratch = Scratch.borrow()) {
      this.openFlags = new OpenFlags(scratch);
    }
  }

  /// The root is a path of the system, relative or not, of any length. Symlinks on the way to it
  /// are followed, the root itself is not, unless the path ends with a slash.
  public static PosixTree open(byte[] root) throws FileAccessException, RefusedException {
    return new PosixTree(Anchor.ofSource(root.clone()));
  }

  @Override
  public TreeWalk walk() {
    return new PosixWalk(folders);
  }

  @Override
  public FileStatus status(byte[] path) throws FileAccessException {
    try (Scratch scratch = Scratch.borrow();
        FolderCache.Place place = folders.place(path)) {
      int outcome = Statx.ofName(scratch, place.folder, place.name);
      if (outcome < 0) {
        throw failure("look at", path, outcome);
      }
      return Statx.decode(scratch);
    }
  }

  @Override
  public SourceFile open(byte[] path, FileStatus expected) throws FileAccessException {
    Invariant.check(expected.type() == FileType.REGULAR, "only regular files are read");
    try (FolderCache.Place place = folders.place(path)) {
      return PosixFile.open(place, anchor.printed(path), expected, openFlags);
    }
  }

  @Override
  public byte[] symlinkTarget(byte[] path) throws FileAccessException {
    try (Scratch scratch = Scratch.borrow();
        FolderCache.Place place = folders.place(path)) {
      MemorySegment target = scratch.data();
      long length = Libc.readlinkat(scratch, place.folder, scratch.name(place.name), target);
      if (length < 0) {
        throw failure("read the symlink", path, length);
      }
      return target.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    }
  }

  @Override
  public List<ExtendedAttribute> attributes(byte[] path) throws FileAccessException {
    try (Scratch scratch = Scratch.borrow();
        FolderCache.Place place = folders.place(path)) {
      return AttributeReader.ofEntry(scratch, place.folder, place.name)
          .read(() -> anchor.printed(path));
    }
  }

  @Override
  public Optional<byte[]> userName(long uid) {
    return accounts.userName(uid);
  }

  @Override
  public Optional<byte[]> groupName(long gid) {
    return accounts.groupName(gid);
  }

  @Override
  public void close() {
    folders.close();
  }

  private FileAccessException failure(String action, byte[] path, long outcome) {
    return new FileAccessException(action, anchor.printed(path), (int) -outcome);
  }
}
