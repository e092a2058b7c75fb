package org.holdfast.client.archive;

import org.holdfast.core.Bytes;

/// A page as its two parts, ready to be sealed, and what the root says of it.
///
/// @param first path of its first entry
/// @param entries how many entries it holds
/// @param bytes of regular files that its entries cover, at most `Long.MAX_VALUE`
/// @param references the part for the reference key
/// @param content the part for the content key: the entries
public record EncodedPage(
    ArchivePath first, int entries, long bytes, Bytes references, Bytes content) {

  /// Adds two numbers of bytes that are not negative; sparse files can claim more than a number
  /// holds, so that a sum stops at the largest.
  static long sum(long a, long b) {
    return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
  }
}
