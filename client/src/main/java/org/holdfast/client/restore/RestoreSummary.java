package org.holdfast.client.restore;

import java.util.List;
import java.util.Map;
import org.holdfast.client.tree.Shortfall;

/// What a restore has done.
///
/// @param files regular files, every name of hard linked ones counted
/// @param others symbolic links, FIFOs and devices
/// @param bytes of the regular files, holes included
/// @param kept of the files, those that were there already, complete
/// @param shortfalls how many entries lack something that this user or file system cannot give
/// @param failed the first entries that were not restored, at most [#FAILED_MAX]
/// @param failedCount how many entries were not restored
public record RestoreSummary(
    long files,
    long folders,
    long others,
    long bytes,
    long kept,
    Map<Shortfall, Long> shortfalls,
    List<FailedEntry> failed,
    long failedCount,
    long millis) {
  /// Most failed entries that are named.
  public static final int FAILED_MAX = 1_000;

  public RestoreSummary {
    shortfalls = Map.copyOf(shortfalls);
    failed = List.copyOf(failed);
  }

  /// Whether all that was asked for is there with its content.
  public boolean isComplete() {
    return failedCount == 0;
  }
}
