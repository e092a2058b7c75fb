package org.holdfast.bucket;

import java.nio.ByteBuffer;
import java.util.List;
import org.holdfast.core.Invariant;

/// Which keys, prefixes, ranges and bodies there may be. Every home asks here first, so that what
/// one home takes, all of them take. The rules are in [Bucket]'s contract.
final class KeyRules {
  /// Leaves room for a prefix of the operator's in S3's 1024 bytes, and makes each segment a legal
  /// file name.
  static final int MAX_KEY_LENGTH = 200;

  private KeyRules() {}

  static void checkKey(String key) {
    Invariant.check(isKey(key), "no key for a bucket: " + key);
  }

  static void checkGet(String key, long offset, int length) {
    checkKey(key);
    Invariant.check(offset >= 0, "no offset before an object's start");
    Invariant.check(
        length >= 0 && length <= Bucket.MAX_OBJECT_LENGTH, "no length for a get: " + length);
  }

  static void checkList(String prefix, String startAfter, int limit) {
    Invariant.check(isPrefix(prefix), "no prefix for a listing: " + prefix);
    Invariant.check(isPrefix(startAfter), "no start for a listing: " + startAfter);
    Invariant.check(limit >= 1 && limit <= Bucket.MAX_LISTED, "no limit for a listing: " + limit);
  }

  /// The body's length in bytes.
  static int checkBody(List<ByteBuffer> body) {
    long length = 0;
    for (ByteBuffer each : body) {
      length += each.remaining();
    }
    Invariant.check(length <= Bucket.MAX_OBJECT_LENGTH, "no length for an object: " + length);
    return (int) length;
  }

  static boolean isKey(String key) {
    if (key.isEmpty() || key.length() > MAX_KEY_LENGTH || key.endsWith("/")) {
      return false;
    }
    boolean segmentStarts = true;
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      if (segmentStarts ? !isFirst(c) : !(isFirst(c) || c == '.' || c == '/')) {
        return false;
      }
      segmentStarts = c == '/';
    }
    return true;
  }

  /// Whether some key may begin so.
  private static boolean isPrefix(String prefix) {
    return prefix.isEmpty()
        || isKey(prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix);
  }

  /// A dot in front would allow `.` and `..`, and a home's own folders could be met.
  private static boolean isFirst(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  }
}
