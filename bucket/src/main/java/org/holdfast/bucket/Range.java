package org.holdfast.bucket;

import org.holdfast.core.Invariant;

/// Bytes of an object, and the length in bytes of all of it. The array is the caller's own.
// A copy or a wrapper of the array would cost as much as the read; nobody compares ranges.
@SuppressWarnings("ArrayRecordComponent")
public record Range(byte[] bytes, long objectLength) {
  public Range {
    Invariant.check(bytes.length <= objectLength, "a range is no longer than its object");
  }
}
