package org.holdfast.client.tree;

import java.util.EnumSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.holdfast.core.CorruptException;
import org.holdfast.core.Invariant;
import org.holdfast.core.RefusedException;

/// A target on this machine.
///
/// Every path is checked, then taken name by name from the open root, each name opened with
/// `O_NOFOLLOW` (see [FolderCache]): a symlink in the way is an error, whoever planted it. Any
/// thread.
public final class PosixTarget implements TargetTree {
  private static final int FOLDER_MODE = 0700;
  private static final int FILE_MODE = 0600;
  private static final int FOLDER_FLAGS =
      Platform.O_RDONLY | Platform.O_DIRECTORY | Platform.O_NOFOLLOW | Platform.O_CLOEXEC;
  private static final int WRITE_FLAGS =
      Platform.O_WRONLY | Platform.O_NOFOLLOW | Platform.O_NOCTTY | Platform.O_CLOEXEC;

  private final Anchor anchor;
  private final FolderCache folders;
  private final Accounts accounts = new Accounts();
  private final Abilities abilities;

  /// The root, or why it cannot be opened. Open from the start, as the system tells a file of the
  /// errors of writing that have come since then (syncfs(2)).
  private final int opened;

  private final AtomicBoolean closed = new AtomicBoolean();

  private PosixTarget(Anchor anchor) {
    this.anchor = anchor;
    try (Scratch scratch = Scratch.borrow()) {
      this.opened =
          Libc.openat(scratch, anchor.folder(), scratch.name(anchor.name()), FOLDER_FLAGS, 0);
    }
    this.folders = new FolderCache(anchor);
    this.abilities = Abilities.of(anchor.folder());
  }

  /// The root is a folder, or is created if its parent is one. A symlink to a folder will do.
  public static PosixTarget open(byte[] root) throws FileAccessException, RefusedException {
    return new PosixTarget(Anchor.ofTarget(root.clone()));
  }

  @Override
  public Set<Shortfall> expectedShortfalls() {
    return abilities.shortfalls();
  }

  @Override
  public boolean isEmpty() throws FileAccessException {
    try (Scratch scratch = Scratch.borrow()) {
      int root =
          Libc.openat(scratch, anchor.folder(), scratch.name(anchor.name()), FOLDER_FLAGS, 0);
      if (root < 0) {
        throw failure("list", TreePath.root(), root);
      }
      Listing listing = Listing.read(scratch, root);
      Libc.close(scratch, root);
      if (listing.errno() != 0) {
        throw failure("list", TreePath.root(), -listing.errno());
      }
      return listing.names().isEmpty();
    }
  }

  @Override
  public boolean createFolder(byte[] path) throws FileAccessException, CorruptException {
    try (Scratch scratch = Scratch.borrow();
        FolderCache.Place place = place(path)) {
      int outcome = Libc.mkdirat(scratch, place.folder, scratch.name(place.name), FOLDER_MODE);
      if (outcome >= 0) {
        return true;
      }
      if (!Errno.EEXIST.is(-outcome)) {
        throw failure("create folder", path, outcome);
      }
      reopenFolder(scratch, place, path);
      return false;
    }
  }

  @Override
  public TargetFile createFile(byte[] path) throws FileAccessException, CorruptException {
    Scratch scratch = Scratch.borrow();
    try (scratch;
        FolderCache.Place place = place(path)) {
      int flags = WRITE_FLAGS | Platform.O_CREAT | Platform.O_EXCL;
      int file = Libc.openat(scratch, place.folder, scratch.name(place.name), flags, FILE_MODE);
      if (file < 0) {
        throw failure("create", path, file);
      }
      return new PosixTargetFile(file, anchor.printed(path), abilities.inheritsAcls());
    }
  }

  @Override
  public TargetFile openExisting(byte[] path) throws FileAccessException, CorruptException {
    try (Scratch scratch = Scratch.borrow();
        FolderCache.Place place = place(path)) {
      int handle = openUnfollowed(scratch, place, path, "resume");
      try {
        if (status(scratch, handle, path).type() != FileType.REGULAR) {
          throw failure("resume", path, -Errno.EEXIST.number());
        }
        int file = openForWriting(scratch, handle);
        if (file < 0) {
          throw failure("resume", path, file);
        }
        return new PosixTargetFile(file, anchor.printed(path), abilities.inheritsAcls());
      } finally {
        Libc.close(scratch, handle);
      }
    }
  }

  @Override
  public void createSymlink(byte[] path, byte[] target)
      throws FileAccessException, CorruptException {
    checkSymlinkTarget(path, target);
    try (Scratch scratch = Scratch.borrow();
        FolderCache.Place place = place(path)) {
      int outcome =
          Libc.symlinkat(
              scratch, scratch.otherName(target), place.folder, scratch.name(place.name));
      if (outcome < 0) {
        throw failure("create symlink", path, outcome);
      }
    }
  }

  @Override
  public void createHardLink(byte[] path, byte[] existing)
      throws FileAccessException, CorruptException {
    try (Scratch scratch = Scratch.borrow();
        FolderCache.Place from = place(existing);
        FolderCache.Place to = place(path)) {
      int outcome =
          Libc.linkat(
              scratch, from.folder, scratch.otherName(from.name), to.folder, scratch.name(to.name));
      if (outcome < 0) {
        throw failure("create hard link", path, outcome);
      }
    }
  }

  @Override
  public Set<Shortfall> createSpecial(byte[] path, FileType type, int major, int minor)
      throws FileAccessException, CorruptException {
    Invariant.check(
        type.isDevice() || type == FileType.FIFO || type == FileType.SOCKET,
        "a special entry is a device, a FIFO or a socket");
    int device = type.isDevice() ? deviceNumber(major, minor) : 0;
    try (Scratch scratch = Scratch.borrow();
        FolderCache.Place place = place(path)) {
      int mode = type.modeBits() | FILE_MODE;
      int outcome =
          (int) Libc.mknodat(scratch, place.folder, scratch.name(place.name), mode, device);
      if (Errno.EPERM.is(-outcome)) {
        return EnumSet.of(Shortfall.SPECIAL);
      }
      if (outcome < 0) {
        throw failure("create", path, outcome);
      }
      return EnumSet.noneOf(Shortfall.class);
    }
  }

  @Override
  public void remove(byte[] path) throws FileAccessException, CorruptException {
    try (Scratch scratch = Scratch.borrow();
        FolderCache.Place place = place(path)) {
      int outcome = Libc.unlinkat(scratch, place.folder, scratch.name(place.name));
      if (outcome < 0) {
        throw failure("remove", path, outcome);
      }
    }
  }

  @Override
  public Set<Shortfall> finish(byte[] path, FileType type, Metadata metadata)
      throws FileAccessException, CorruptException {
    Invariant.check(type != FileType.REGULAR, "a regular file is finished while it is open");
    try (Scratch scratch = Scratch.borrow();
        FolderCache.Place place = path.length == 0 ? folders.place(path) : place(path)) {
      int file =
          type == FileType.FOLDER
              ? Libc.openat(scratch, place.folder, scratch.name(place.name), FOLDER_FLAGS, 0)
              : openUnfollowed(scratch, place, path, "finish");
      if (file < 0) {
        throw failure("finish", path, file);
      }
      try {
        if (status(scratch, file, path).type() != type) {
          throw failure("finish", path, -Errno.ESTALE.number());
        }
        return new MetadataWriter(scratch, file, type, anchor.printed(path))
            .apply(metadata, abilities.inheritsAcls());
      } finally {
        Libc.close(scratch, file);
      }
    }
  }

  @Override
  public OptionalLong userNumber(byte[] name) {
    return accounts.userNumber(name);
  }

  @Override
  public OptionalLong groupNumber(byte[] name) {
    return accounts.groupNumber(name);
  }

  @Override
  public void sync() throws FileAccessException {
    try (Scratch scratch = Scratch.borrow()) {
      int outcome = opened < 0 ? opened : Libc.syncfs(scratch, opened);
      if (outcome < 0) {
        throw failure("sync", TreePath.root(), outcome);
      }
    }
  }

  @Override
  public void close() {
    if (opened >= 0 && !closed.getAndSet(true)) {
      try (Scratch scratch = Scratch.borrow()) {
        Libc.close(scratch, opened);
      }
    }
    folders.close();
  }

  /// The kernel's own form of a device number (`new_encode_dev` in `include/linux/kdev_t.h`).
  static int deviceNumber(int major, int minor) {
    return (minor & 0xff) | major << 8 | (minor & ~0xff) << 12;
  }

  private FolderCache.Place place(byte[] path) throws FileAccessException, CorruptException {
    TreePath.check(path);
    return folders.place(path);
  }

  private static void checkSymlinkTarget(byte[] path, byte[] target) throws CorruptException {
    boolean valid = target.length > 0 && target.length <= Scratch.LONGEST_NAME;
    for (byte unit : target) {
      valid &= unit != 0;
    }
    if (!valid) {
      throw new CorruptException(
          "the symlink \"" + PathText.print(path) + "\" has an impossible target: it is left out");
    }
  }

  /// A folder from an interrupted restore may have its final mode, which may not let us write.
  private void reopenFolder(Scratch scratch, FolderCache.Place place, byte[] path)
      throws FileAccessException {
    int handle = openUnfollowed(scratch, place, path, "create folder");
    try {
      FileStatus status = status(scratch, handle, path);
      if (status.type() != FileType.FOLDER) {
        Errno reason = status.type() == FileType.SYMLINK ? Errno.ELOOP : Errno.EEXIST;
        throw failure("create folder", path, -reason.number());
      }
      if ((status.mode() & FOLDER_MODE) != FOLDER_MODE) {
        Libc.chmod(scratch, scratch.open(handle), status.mode() | FOLDER_MODE);
      }
    } finally {
      Libc.close(scratch, handle);
    }
  }

  /// A file from an interrupted restore may have its final mode, which may not let us write.
  private static int openForWriting(Scratch scratch, int handle) {
    int flags = WRITE_FLAGS & ~Platform.O_NOFOLLOW;
    int file = Libc.openat(scratch, -1, scratch.open(handle), flags, 0);
    if (Errno.EACCES.is(-file)) {
      Libc.chmod(scratch, scratch.open(handle), FILE_MODE);
      file = Libc.openat(scratch, -1, scratch.open(handle), flags, 0);
    }
    return file;
  }

  private int openUnfollowed(Scratch scratch, FolderCache.Place place, byte[] path, String action)
      throws FileAccessException {
    int flags = Platform.O_PATH | Platform.O_NOFOLLOW | Platform.O_CLOEXEC;
    int handle = Libc.openat(scratch, place.folder, scratch.name(place.name), flags, 0);
    if (handle < 0) {
      throw failure(action, path, handle);
    }
    return handle;
  }

  private FileStatus status(Scratch scratch, int file, byte[] path) throws FileAccessException {
    int outcome = Statx.ofFile(scratch, file);
    if (outcome < 0) {
      throw failure("look at", path, outcome);
    }
    return Statx.decode(scratch);
  }

  private FileAccessException failure(String action, byte[] path, int outcome) {
    return new FileAccessException(action, anchor.printed(path), -outcome);
  }
}
