package org.holdfast.client.tree;

import java.util.List;

/// What comparing two trees came to.
///
/// `differences` has a line for each of the first differences, in the order of their paths;
/// `differenceCount` counts all. `bytes` is the content compared, holes included.
public record Comparison(long entries, long bytes, long differenceCount, List<String> differences) {
  public Comparison {
    differences = List.copyOf(differences);
  }

  public boolean isEqual() {
    return differenceCount == 0;
  }
}
