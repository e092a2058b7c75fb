package org.holdfast.stores;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/// Counts as they grow. Any thread may call.
final class Tally {
  private final Map<String, Long> byMethod = new HashMap<>();
  private final Map<Fault, Long> faults = new EnumMap<>(Fault.class);
  private long numbers;
  private long requests;
  private long passedOn;
  private int underWay;
  private int mostAtOnce;
  private long upBytes;
  private long downBytes;

  /// A request has come.
  synchronized Request begin(HttpHead head) {
    requests++;
    byMethod.merge(head.method(), 1L, Long::sum);
    upBytes += head.raw().length;
    underWay++;
    mostAtOnce = Math.max(mostAtOnce, underWay);
    return new Request(numbers++, head.method(), head.target());
  }

  synchronized void end() {
    underWay--;
  }

  synchronized void passOn() {
    passedOn++;
  }

  synchronized void befall(Fault fault) {
    faults.merge(fault, 1L, Long::sum);
  }

  synchronized void up(int bytes) {
    upBytes += bytes;
  }

  synchronized void down(int bytes) {
    downBytes += bytes;
  }

  synchronized Counts counts() {
    return new Counts(
        requests, byMethod, faults, passedOn, underWay, mostAtOnce, upBytes, downBytes);
  }

  /// Begins at zero, but for what is under way. Requests' numbers go on.
  synchronized void reset() {
    byMethod.clear();
    faults.clear();
    requests = 0;
    passedOn = 0;
    mostAtOnce = underWay;
    upBytes = 0;
    downBytes = 0;
  }
}
