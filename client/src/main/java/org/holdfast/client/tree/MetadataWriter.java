package org.holdfast.client.tree;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.holdfast.core.Bytes;

/// Puts metadata on an open entry.
///
/// The order matters: owner first, as a change of owner takes away set-user-id bits and
/// capabilities; attributes next, while the entry can still be written; then the mode, which gives
/// an ACL its mask; times last. Set-user-id bits are left out if the owner they were meant for
/// cannot be kept: they would lend out the rights of another user.
final class MetadataWriter {
  private static final int AT_FDCWD = -100;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int UTIME_OMIT = (1 << 30) - 2;
  private static final int SET_USER_ID = 04000;
  private static final int SET_GROUP_ID = 02000;
  private static final int UNCHANGED = -1;
  private static final String ACL_PREFIX = "system.posix_acl_";
  private static final List<String> ACLS =
      List.of("system.posix_acl_access", "system.posix_acl_default");

  private final Scratch scratch;
  private final int file;
  private final FileType type;
  private final byte[] path;
  private final Set<Shortfall> shortfalls = EnumSet.noneOf(Shortfall.class);

  /// `file` may be open with `O_PATH` unless it is a regular file or a folder.
  MetadataWriter(Scratch scratch, int file, FileType type, byte[] path) {
    this.scratch = scratch;
    this.file = file;
    this.type = type;
    this.path = path;
  }

  /// `dropsAcls` takes away ACLs that the entry has from its folder and not from the archive.
  Set<Shortfall> apply(Metadata metadata, boolean dropsAcls) throws FileAccessException {
    int mode = metadata.mode() & ~withheldBits(metadata);
    if (dropsAcls && type != FileType.SYMLINK) {
      dropAcls(metadata.attributes());
    }
    for (ExtendedAttribute attribute : metadata.attributes()) {
      setAttribute(attribute);
    }
    setMode(mode);
    setTime(metadata.mtime());
    return shortfalls;
  }

  /// Sets the owner. Returns the bits that must not be in the mode now.
  private int withheldBits(Metadata metadata) throws FileAccessException {
    int uid = (int) metadata.uid();
    int gid = (int) metadata.gid();
    int outcome = chown(uid, gid);
    if (outcome >= 0) {
      return 0;
    }
    failIfHard("set the owner of", outcome);
    outcome = Statx.ofFile(scratch, file);
    if (outcome < 0) {
      throw new FileAccessException("look at", path, -outcome);
    }
    FileStatus status = Statx.decode(scratch);
    int withheld = 0;
    if (metadata.uid() != Metadata.NO_OWNER && status.uid() != metadata.uid()) {
      shortfalls.add(Shortfall.OWNER);
      withheld |= SET_USER_ID;
    }
    if (metadata.gid() != Metadata.NO_OWNER
        && status.gid() != metadata.gid()
        && chown(UNCHANGED, gid) < 0) {
      shortfalls.add(Shortfall.GROUP);
      withheld |= type == FileType.FOLDER ? 0 : SET_GROUP_ID;
    }
    if ((metadata.mode() & withheld) != 0) {
      shortfalls.add(Shortfall.SETUID_BITS);
    }
    return withheld;
  }

  private int chown(int uid, int gid) {
    return Libc.fchownat(scratch, file, Statx.EMPTY, uid, gid, AT_EMPTY_PATH);
  }

  private void dropAcls(List<ExtendedAttribute> kept) {
    for (String acl : ACLS) {
      Bytes name = Bytes.wrap(acl.getBytes(StandardCharsets.US_ASCII));
      if (kept.stream().noneMatch(attribute -> attribute.name().equals(name))) {
        Libc.removexattr(scratch, scratch.open(file), scratch.otherName(name.toArray()));
      }
    }
  }

  private void setAttribute(ExtendedAttribute attribute) throws FileAccessException {
    byte[] name = attribute.name().toArray();
    int length = attribute.value().length();
    int outcome = -Errno.ERANGE.number();
    if (name.length <= Scratch.LONGEST_NAME && length <= Scratch.DATA_BYTES) {
      MemorySegment value = scratch.data();
      MemorySegment.copy(attribute.value().toArray(), 0, value, ValueLayout.JAVA_BYTE, 0, length);
      outcome = Libc.setxattr(scratch, scratch.open(file), scratch.otherName(name), value, length);
    }
    if (outcome < 0) {
      failIfHard("set an attribute of", outcome);
      shortfalls.add(shortfall(new String(name, StandardCharsets.ISO_8859_1)));
    }
  }

  private static Shortfall shortfall(String attribute) {
    if (attribute.startsWith(ACL_PREFIX)) {
      return Shortfall.ACL;
    }
    boolean privileged = attribute.startsWith("trusted.") || attribute.startsWith("security.");
    return privileged ? Shortfall.PRIVILEGED_ATTRIBUTE : Shortfall.USER_ATTRIBUTE;
  }

  private void setMode(int mode) throws FileAccessException {
    int outcome =
        switch (type) {
          case REGULAR, FOLDER -> Libc.fchmod(scratch, file, mode);
          case SYMLINK -> 0;
          case FIFO, CHAR_DEVICE, BLOCK_DEVICE, SOCKET ->
              Libc.chmod(scratch, scratch.open(file), mode);
        };
    if (outcome < 0) {
      failIfHard("set the permissions of", outcome);
      shortfalls.add(Shortfall.MODE);
    }
  }

  /// `struct timespec[2]`: of last access, which stays, and of modification.
  private void setTime(Timestamp mtime) throws FileAccessException {
    MemorySegment times = scratch.data();
    times.set(ValueLayout.JAVA_LONG, 0, 0);
    times.set(ValueLayout.JAVA_LONG, 8, UTIME_OMIT);
    times.set(ValueLayout.JAVA_LONG, 16, mtime.seconds());
    times.set(ValueLayout.JAVA_LONG, 24, mtime.nanos());
    boolean isOpen = type == FileType.REGULAR || type == FileType.FOLDER;
    int outcome =
        isOpen
            ? Libc.futimens(scratch, file, times)
            : Libc.utimensat(scratch, AT_FDCWD, scratch.open(file), times, 0);
    if (outcome < 0) {
      failIfHard("set the time of", outcome);
      shortfalls.add(Shortfall.TIMES);
    }
  }

  /// Errors that say something about the target as a whole end the restore.
  private void failIfHard(String action, int outcome) throws FileAccessException {
    if (Errno.EIO.is(-outcome) || Errno.EROFS.is(-outcome)) {
      throw new FileAccessException(action, path, -outcome);
    }
  }
}
