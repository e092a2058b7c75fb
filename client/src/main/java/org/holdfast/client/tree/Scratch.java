package org.holdfast.client.tree;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import org.holdfast.core.Invariant;
import org.jspecify.annotations.Nullable;

/// Native memory for one thread's calls: the error number, two names, a `struct statx`, and data.
///
/// Borrowed for an operation and given back, so that no call allocates. The pool keeps a bounded
/// number; what is beyond that is left to the garbage collector. One thread at a time.
final class Scratch implements AutoCloseable {
  /// Longest name or symlink target of Linux, without its NUL.
  static final int LONGEST_NAME = 4095;

  /// Bytes of [#data]. Reads and writes go in pieces of this size: large beside the price of a
  /// call, small beside a processor's second-level cache.
  static final int DATA_BYTES = 256 << 10;

  private static final int STATUS_BYTES = 256;
  private static final int NAME_BYTES = 4352;
  private static final int POOLED = 32;
  private static final byte[] OPEN_FILES = "/proc/self/fd/".getBytes(StandardCharsets.US_ASCII);
  private static final ArrayBlockingQueue<Scratch> POOL = new ArrayBlockingQueue<>(POOLED);

  final MemorySegment errno;
  final MemorySegment status;
  private final MemorySegment name;
  private final MemorySegment otherName;
  private @Nullable MemorySegment data;

  private Scratch() {
    MemorySegment all = Arena.ofAuto().allocate(8 + STATUS_BYTES + 2 * NAME_BYTES, 8);
    errno = all.asSlice(0, 8);
    status = all.asSlice(8, STATUS_BYTES);
    name = all.asSlice(8 + STATUS_BYTES, NAME_BYTES);
    otherName = all.asSlice(8 + STATUS_BYTES + NAME_BYTES, NAME_BYTES);
  }

  static Scratch borrow() {
    Scratch pooled = POOL.poll();
    return pooled != null ? pooled : new Scratch();
  }

  /// Gives the memory back.
  @Override
  public void close() {
    if (!POOL.offer(this)) {
      data = null;
    }
  }

  /// A C string, valid until the next call of this method or of [#entry].
  MemorySegment name(byte[] bytes) {
    return text(name, 0, bytes);
  }

  /// A second C string, valid until the next call of this method.
  MemorySegment otherName(byte[] bytes) {
    return text(otherName, 0, bytes);
  }

  /// A path that leads to a name in an open folder, for calls that take no folder. The last name
  /// may be a symlink; whether it is followed is up to the call. Shares memory with [#name].
  MemorySegment entry(int folder, byte[] bytes) {
    int at = openFile(folder);
    name.set(ValueLayout.JAVA_BYTE, at, (byte) '/');
    return text(name, at + 1, bytes);
  }

  /// A path that leads to an open file itself, whatever it is. Shares memory with [#name].
  MemorySegment open(int file) {
    int at = openFile(file);
    name.set(ValueLayout.JAVA_BYTE, at, (byte) 0);
    return name;
  }

  MemorySegment data() {
    if (data == null) {
      data = Arena.ofAuto().allocate(DATA_BYTES, 8);
    }
    return data;
  }

  int outcome(int result) {
    return result >= 0 ? result : -errno.get(ValueLayout.JAVA_INT, 0);
  }

  long outcome(long result) {
    return result >= 0 ? result : -errno.get(ValueLayout.JAVA_INT, 0);
  }

  private int openFile(int file) {
    byte[] digits = Integer.toString(file).getBytes(StandardCharsets.US_ASCII);
    MemorySegment.copy(OPEN_FILES, 0, name, ValueLayout.JAVA_BYTE, 0, OPEN_FILES.length);
    MemorySegment.copy(digits, 0, name, ValueLayout.JAVA_BYTE, OPEN_FILES.length, digits.length);
    return OPEN_FILES.length + digits.length;
  }

  private static MemorySegment text(MemorySegment into, int at, byte[] bytes) {
    Invariant.check(bytes.length <= LONGEST_NAME, "a name fits its buffer");
    MemorySegment.copy(bytes, 0, into, ValueLayout.JAVA_BYTE, at, bytes.length);
    into.set(ValueLayout.JAVA_BYTE, at + bytes.length, (byte) 0);
    return into;
  }
}
