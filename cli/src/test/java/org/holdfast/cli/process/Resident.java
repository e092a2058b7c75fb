package org.holdfast.cli.process;

import java.util.ArrayList;
import java.util.List;

/// What the process had in memory, second by second.
final class Resident {
  /// The least of resident memory may rise by so much from the third quarter to the last, in bytes.
  private static final long TREND_SLACK = 64 << 20;

  private final long start;
  private final List<Long> samples = new ArrayList<>();

  /// The most that was seen in the heap after a collection, and in the budgets, in bytes.
  private long live;

  private long held;

  Resident(long start) {
    this.start = start;
  }

  void add(long bytes) {
    samples.add(bytes);
    ServeOverload.check(
        bytes <= LoadedServer.RESIDENT_MAX,
        "resident memory is %s, above the limit of %s (%s)"
            .formatted(
                ServeOverload.mib(bytes),
                ServeOverload.mib(LoadedServer.RESIDENT_MAX),
                LoadedServer.RESIDENT_REASON));
  }

  void look(long liveBytes, long heldBytes) {
    live = Math.max(live, liveBytes);
    held = Math.max(held, heldBytes);
  }

  /// How much more the least of the last quarter is than that of the third. Between collections
  /// Java takes what it likes of its heap, and gives it back: what is kept raises the least.
  private long trend() {
    int quarter = samples.size() / 4;
    return least(samples.subList(3 * quarter, samples.size()))
        - least(samples.subList(2 * quarter, 3 * quarter));
  }

  private static long least(List<Long> some) {
    return some.stream().min(Long::compare).orElse(0L);
  }

  void check(String seen) {
    ServeOverload.check(
        trend() <= TREND_SLACK,
        "resident memory still grows in the second half: by %s%n%s"
            .formatted(ServeOverload.mib(trend()), seen));
  }

  private static long median(List<Long> all) {
    return all.stream().sorted().skip(all.size() / 2).findFirst().orElse(0L);
  }

  @Override
  public String toString() {
    return """
    resident memory: %s at start, median %s, maximum %s, limit %s (%s); least of the last quarter\
     %+.1f MiB on the third's; heap after collection %s at most, budgets %s\
    """
        .formatted(
            ServeOverload.mib(start),
            ServeOverload.mib(median(samples)),
            ServeOverload.mib(samples.stream().mapToLong(Long::longValue).max().orElse(0)),
            ServeOverload.mib(LoadedServer.RESIDENT_MAX),
            LoadedServer.RESIDENT_REASON,
            trend() / 1048576.0,
            ServeOverload.mib(live),
            ServeOverload.mib(held));
  }
}
