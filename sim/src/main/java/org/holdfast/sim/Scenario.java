package org.holdfast.sim;

import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What a run follows from: its seed, and what is left out of it.
///
/// @param size null: as the seed says
/// @param without kinds of faults that do not happen
/// @param only the faults that may happen, by their names; null: all
record Scenario(long seed, @Nullable Size size, Set<String> without, @Nullable Set<String> only) {
  Scenario {
    without = new TreeSet<>(without);
    only = only == null ? null : new TreeSet<>(only);
  }

  static Scenario of(long seed) {
    return new Scenario(seed, null, Set.of(), null);
  }

  Scenario withSeed(long next) {
    return new Scenario(next, size, without, only);
  }

  Scenario withOnly(Set<String> names) {
    return new Scenario(seed, size, without, names);
  }

  Scenario without(Set<String> kinds) {
    return new Scenario(seed, size, kinds, only);
  }

  Chance chance() {
    return new Chance(seed);
  }

  /// The size of the run.
  Size drawn() {
    return size == null ? Size.draw(chance().stream("size")) : size;
  }

  boolean allows(String kind, String name) {
    return !without.contains(kind) && (only == null || only.contains(name));
  }

  /// The words that ask for this run.
  @Override
  public String toString() {
    StringBuilder words = new StringBuilder("--seed " + seed);
    if (size != null) {
      words.append(" --size ").append(size);
    }
    if (!without.isEmpty()) {
      words.append(" --without ").append(String.join(",", without));
    }
    if (only != null) {
      words.append(" --only ").append(only.isEmpty() ? "none" : String.join(",", only));
    }
    return words.toString();
  }
}
