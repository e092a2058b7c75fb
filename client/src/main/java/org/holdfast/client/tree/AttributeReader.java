package org.holdfast.client.tree;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import org.holdfast.core.Bytes;

/// Reads all extended attributes of an entry, sorted by name. One thread at a time.
final class AttributeReader {
  /// Linux gives no list and no value that is longer (`include/uapi/linux/limits.h`).
  private static final int LONGEST = 64 << 10;

  private final Scratch scratch;
  private final Calls calls;

  private AttributeReader(Scratch scratch, Calls calls) {
    this.scratch = scratch;
    this.calls = calls;
  }

  /// Of a name in an open folder, whatever it is.
  static AttributeReader ofEntry(Scratch scratch, int folder, byte[] name) {
    MemorySegment entry = scratch.entry(folder, name);
    return new AttributeReader(
        scratch,
        new Calls() {
          @Override
          public long list(MemorySegment into) {
            return Libc.llistxattr(scratch, entry, into);
          }

          @Override
          public long get(MemorySegment attribute, MemorySegment into) {
            return Libc.lgetxattr(scratch, entry, attribute, into);
          }
        });
  }

  /// Of a file that is open for reading: no path is looked up.
  static AttributeReader ofFile(Scratch scratch, int file) {
    return new AttributeReader(
        scratch,
        new Calls() {
          @Override
          public long list(MemorySegment into) {
            return Libc.flistxattr(scratch, file, into);
          }

          @Override
          public long get(MemorySegment attribute, MemorySegment into) {
            return Libc.fgetxattr(scratch, file, attribute, into);
          }
        });
  }

  /// `path` is for messages.
  List<ExtendedAttribute> read(Supplier<byte[]> path) throws FileAccessException {
    MemorySegment list = scratch.data().asSlice(0, LONGEST);
    long length = calls.list(list);
    if (length == 0 || Errno.EOPNOTSUPP.is((int) -length)) {
      return List.of();
    }
    if (length < 0) {
      throw new FileAccessException("list the attributes of", path.get(), (int) -length);
    }
    byte[] names = list.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    List<ExtendedAttribute> attributes = new ArrayList<>();
    int start = 0;
    for (int end = 0; end < names.length; end++) {
      if (names[end] == 0) {
        add(Bytes.copyOf(names, start, end), attributes, path);
        start = end + 1;
      }
    }
    Collections.sort(attributes);
    return attributes;
  }

  private void add(Bytes name, List<ExtendedAttribute> attributes, Supplier<byte[]> path)
      throws FileAccessException {
    MemorySegment value = scratch.data().asSlice(0, LONGEST);
    long length = calls.get(scratch.otherName(name.toArray()), value);
    if (length >= 0) {
      byte[] bytes = value.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
      attributes.add(new ExtendedAttribute(name, Bytes.wrap(bytes)));
    } else if (!isUnreadable((int) -length)) {
      throw new FileAccessException("read an attribute of", path.get(), (int) -length);
    }
  }

  /// Gone since it was listed, or listed to everybody but readable for a few.
  private static boolean isUnreadable(int errno) {
    return Errno.ENODATA.is(errno)
        || Errno.EPERM.is(errno)
        || Errno.EACCES.is(errno)
        || Errno.EOPNOTSUPP.is(errno);
  }

  /// How the system is asked.
  private interface Calls {
    long list(MemorySegment into);

    long get(MemorySegment attribute, MemorySegment into);
  }
}
