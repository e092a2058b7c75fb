package org.holdfast.stores;

import java.util.Map;

/// What a [FaultProxy] has seen and done.
///
/// @param byMethod requests
/// @param faults how often each befell a request; none that never did
/// @param passedOn requests that went to the store
/// @param mostAtOnce requests that were under way at the same time: from their head's arrival until
///   just before the last byte of the answer goes out. A request that its client has given up
///   counts until the proxy notices.
/// @param upBytes from clients: heads and bodies
/// @param downBytes to clients: heads and bodies
public record Counts(
    long requests,
    Map<String, Long> byMethod,
    Map<Fault, Long> faults,
    long passedOn,
    int underWay,
    int mostAtOnce,
    long upBytes,
    long downBytes) {
  public Counts {
    byMethod = Map.copyOf(byMethod);
    faults = Map.copyOf(faults);
  }

  public long method(String method) {
    return byMethod.getOrDefault(method, 0L);
  }

  public long fault(Fault fault) {
    return faults.getOrDefault(fault, 0L);
  }

  public long faultsInAll() {
    return faults.values().stream().mapToLong(Long::longValue).sum();
  }
}
