package org.holdfast.server.shard;

import org.holdfast.server.state.DurableState;

/// How much of what the log takes lives: what is in the bucket, by the index.
///
/// @param storedBytes the lengths of all segments
/// @param headerBytes of those, the segments' headers
/// @param liveBytes of those, what lives: of a header, the part that lives of its data
public record Garbage(long segments, long storedBytes, long headerBytes, long liveBytes) {
  /// All of a shard's.
  public static Garbage of(DurableState rows, int shard) {
    long[] sums = new long[4];
    rows.eachSegment(
        shard,
        (id, row) -> {
          CleaningChoice.Candidate each = new CleaningChoice.Candidate(id, row);
          sums[0]++;
          sums[1] += each.length();
          sums[2] += row.headerLength();
          sums[3] += each.live();
        });
    return new Garbage(sums[0], sums[1], sums[2], sums[3]);
  }

  /// What cleaning could give back.
  public long bytes() {
    return storedBytes - liveBytes;
  }
}
