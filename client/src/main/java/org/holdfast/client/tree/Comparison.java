package org.holdfast.client.tree;

import java.util.List;
import java.util.stream.Stream;

/// What comparing two trees came to.
///
/// `differences` has a line for each of the first differences, in the order of their paths;
/// `differenceCount` counts all. `unreadable` and `unreadableCount` are the same for what this user
/// may not read in the original, and is not in the restored tree either. `bytes` is the content
/// compared, holes included.
public record Comparison(
    long entries,
    long bytes,
    long differenceCount,
    List<String> differences,
    long unreadableCount,
    List<String> unreadable) {
  /// Of nothing with nothing.
  public static final Comparison NONE = new Comparison(0, 0, 0, List.of(), 0, List.of());

  public Comparison {
    differences = List.copyOf(differences);
    unreadable = List.copyOf(unreadable);
  }

  /// Of two pairs of trees.
  public Comparison plus(Comparison other) {
    return new Comparison(
        entries + other.entries,
        bytes + other.bytes,
        differenceCount + other.differenceCount,
        joined(differences, other.differences),
        unreadableCount + other.unreadableCount,
        joined(unreadable, other.unreadable));
  }

  private static List<String> joined(List<String> one, List<String> two) {
    return Stream.concat(one.stream(), two.stream()).toList();
  }

  public boolean isEqual() {
    return differenceCount == 0 && unreadableCount == 0;
  }
}
