package org.holdfast.server.shard;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.holdfast.log.SegmentId;

/// How far the scrub has come. In the state folder it is one line:
///
/// ```
/// BEGAN LAST UNTIL READ ENDED CRC
/// ```
///
/// Numbers are decimal, segments are keys of objects, `-` is none, and the CRC32C, in eight
/// hexadecimal digits, is that of all before it. A line that is anything else says nothing: the
/// next round begins anew.
///
/// @param beganMillis when the round that is under way began, or the last one; 0: never
/// @param last that was read in the round that is under way
/// @param until the last segment of that round; empty if none is under way
/// @param readBytes of its segments so far
/// @param endedMillis when a round was last at its end; 0: never
record ScrubProgress(
    long beganMillis,
    Optional<SegmentId> last,
    Optional<SegmentId> until,
    long readBytes,
    long endedMillis) {
  static final ScrubProgress NONE = new ScrubProgress(0, Optional.empty(), Optional.empty(), 0, 0);

  /// Longer than any line.
  static final int TEXT_LENGTH_MAX = 256;

  ScrubProgress begin(long nowMillis, SegmentId until) {
    return new ScrubProgress(nowMillis, Optional.empty(), Optional.of(until), 0, endedMillis);
  }

  ScrubProgress read(SegmentId segment, long bytes) {
    return new ScrubProgress(
        beganMillis, Optional.of(segment), until, readBytes + bytes, endedMillis);
  }

  ScrubProgress end(long nowMillis) {
    return new ScrubProgress(beganMillis, Optional.empty(), Optional.empty(), 0, nowMillis);
  }

  boolean isUnderWay() {
    return until.isPresent();
  }

  /// Whether the segment is still to be read in the round that is under way.
  boolean isAhead(SegmentId segment) {
    return until.isPresent()
        && segment.compareTo(until.get()) <= 0
        && (last.isEmpty() || segment.compareTo(last.get()) > 0);
  }

  String text() {
    String values =
        beganMillis
            + " "
            + key(last)
            + " "
            + key(until)
            + " "
            + readBytes
            + " "
            + endedMillis
            + " ";
    return values + crc(values) + "\n";
  }

  static Optional<ScrubProgress> of(String text) {
    int split = text.lastIndexOf(' ') + 1;
    String values = text.substring(0, split);
    // The last one is what comes after the last blank: nothing.
    String[] words = values.split(" ", -1);
    if (!text.substring(split).equals(crc(values) + "\n") || words.length != 6) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new ScrubProgress(
              Long.parseLong(words[0]),
              SegmentId.ofKey(words[1]),
              SegmentId.ofKey(words[2]),
              Long.parseLong(words[3]),
              Long.parseLong(words[4])));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static String key(Optional<SegmentId> segment) {
    return segment.map(SegmentId::key).orElse("-");
  }

  private static String crc(String values) {
    CRC32C crc = new CRC32C();
    crc.update(values.getBytes(StandardCharsets.ISO_8859_1));
    return "%08x".formatted(crc.getValue());
  }
}
