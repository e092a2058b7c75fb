package org.holdfast.server.recovery;

/// When an index that is made anew is made by sorting.
///
/// @param segmentsMin shorter logs are replayed in order, which takes no files
/// @param fileRecords records of blocks that are sorted at a time, about
public record Sorting(int segmentsMin, int fileRecords) {
  /// Whoever has little memory replays in order.
  public static final Sorting NEVER = new Sorting(Integer.MAX_VALUE, 1);

  /// A server does, for a log that would take more than a few seconds in order.
  public static final Sorting OF_A_SERVER = new Sorting(1000, SortedReplay.FILE_RECORDS);
}
