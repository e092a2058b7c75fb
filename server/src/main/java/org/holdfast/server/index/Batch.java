package org.holdfast.server.index;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Rows to put or delete together.
public final class Batch {
  private final List<Change> changes = new ArrayList<>();

  public void put(byte[] key, byte[] value) {
    changes.add(new Change(key, value));
  }

  public void delete(byte[] key) {
    changes.add(new Change(key, null));
  }

  public List<Change> changes() {
    return changes;
  }

  /// By key, changes of one key in their order: neighbours cost an ordered index less.
  List<Change> sorted() {
    changes.sort((one, other) -> Arrays.compareUnsigned(one.key, other.key));
    return changes;
  }

  /// A null value deletes. Never compared, so the arrays may stay arrays.
  @SuppressWarnings("ArrayRecordComponent")
  public record Change(byte[] key, byte @Nullable [] value) {}
}
