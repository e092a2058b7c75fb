package org.holdfast.client.tree;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The names in a folder, without `.` and `..`, and the error number that ended the listing early,
/// or 0.
///
/// `struct linux_dirent64` (`getdents64(2)`): u64 inode, s64 offset, u16 length of the record at
/// 16, u8 type at 18, then the name and its NUL.
record Listing(List<byte[]> names, int errno) {
  private static final int RECORD_LENGTH_AT = 16;
  private static final int NAME_AT = 19;

  /// Reads an open folder to its end. The order is the file system's.
  static Listing read(Scratch scratch, int folder) {
    List<byte[]> names = new ArrayList<>();
    MemorySegment buffer = scratch.data();
    byte[] records = new byte[0];
    while (true) {
      int length = (int) Libc.getdents64(scratch, folder, buffer);
      if (length <= 0) {
        return new Listing(names, -length);
      }
      if (records.length < length) {
        records = new byte[length];
      }
      MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, records, 0, length);
      addNames(records, length, names);
    }
  }

  Listing sorted() {
    names.sort(Arrays::compareUnsigned);
    return this;
  }

  private static void addNames(byte[] records, int length, List<byte[]> names) {
    MemorySegment view = MemorySegment.ofArray(records);
    for (int at = 0; at < length; ) {
      int start = at + NAME_AT;
      int end = start;
      while (records[end] != 0) {
        end++;
      }
      if (!isDots(records, start, end)) {
        names.add(Arrays.copyOfRange(records, start, end));
      }
      at += view.get(ValueLayout.JAVA_SHORT_UNALIGNED, at + RECORD_LENGTH_AT) & 0xffff;
    }
  }

  private static boolean isDots(byte[] records, int start, int end) {
    return records[start] == '.'
        && (end - start == 1 || (end - start == 2 && records[start + 1] == '.'));
  }
}
