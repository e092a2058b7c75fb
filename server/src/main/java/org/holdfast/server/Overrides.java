package org.holdfast.server;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.holdfast.server.state.Check;
import org.holdfast.server.state.Misfits;

/// The checks that one rebuild may go on without, and those that it did, with what was seen first.
///
/// Used by one thread.
final class Overrides implements Misfits {
  private final Set<Check> allowed;
  private final Map<Check, Seen> used = new EnumMap<>(Check.class);

  Overrides(Set<Check> allowed) {
    this.allowed = allowed.isEmpty() ? EnumSet.noneOf(Check.class) : EnumSet.copyOf(allowed);
  }

  boolean allows(Check check) {
    return allowed.contains(check);
  }

  @Override
  public boolean isTaken(Check check, String seen) {
    if (!allows(check)) {
      return false;
    }
    used.merge(
        check,
        new Seen(seen, false),
        // A replay that begins again meets the same again.
        (first, _) -> new Seen(first.what, first.hasOthers || !first.what.equals(seen)));
    return true;
  }

  Set<Check> used() {
    return used.keySet();
  }

  /// A line for each that was used, of when, which and what was seen.
  List<String> lines(long wallMillis) {
    List<String> lines = new ArrayList<>();
    used.forEach((check, seen) ->
        lines.add(
            "%s %s: %s%s"
                .formatted(
                    Instant.ofEpochMilli(wallMillis),
                    check,
                    seen.what,
                    seen.hasOthers ? " (the first of several)" : "")));
    return lines;
  }

  private record Seen(String what, boolean hasOthers) {}
}
