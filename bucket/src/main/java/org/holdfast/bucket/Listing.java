package org.holdfast.bucket;

import java.util.List;

/// A page of keys in ascending order, and whether there are more after the last of them.
public record Listing(List<ListedObject> objects, boolean more) {
  public Listing {
    objects = List.copyOf(objects);
  }

  /// The first `limit` of what was found, where one more was looked for than was asked.
  static Listing cut(List<ListedObject> found, int limit) {
    boolean more = found.size() > limit;
    return new Listing(more ? found.subList(0, limit) : found, more);
  }
}
