package org.holdfast.stores;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A request that a [FaultProxy] has seen: the n-th, beginning with 0.
///
/// @param target path and query, as sent: `/BUCKET/KEY?...`
public record Request(long number, String method, String target) {
  /// Without the query.
  public String path() {
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }

  /// The bucket and the first parts of the key, if there is a key.
  Optional<String> prefix(int parts) {
    List<String> all = Arrays.asList(path().substring(1).split("/", -1));
    if (all.size() < 2 || all.get(1).isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(String.join("/", all.subList(0, Math.min(all.size(), parts + 1))));
  }
}
