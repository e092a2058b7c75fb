package org.holdfast.sim;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What is wrong with the store itself for a while, for everybody: it is away, takes nothing, wants
/// fewer requests, or shows some objects not as they are. All of it ends by itself, but for bytes
/// of objects that have decayed.
final class Weather {
  /// What the store does with requests.
  enum Outage {
    /// Nobody gets through.
    AWAY,
    /// Puts are refused: it is full, or the credentials are gone.
    REFUSING,
    /// Most requests are told to come back later.
    THROTTLING
  }

  /// How an object looks that is not shown as it is. Under its key nothing can be put.
  enum Spell {
    /// A get does not find it.
    ABSENT,
    /// Neither a get nor a listing finds it.
    HIDDEN,
    /// A bit of it is another.
    ROTTEN,
    /// Its end is missing.
    CUT
  }

  private final Loop loop;
  private final Map<String, Cast> cast = new HashMap<>();
  private final Map<String, Set<Integer>> decayed = new HashMap<>();
  private Outage outage = Outage.AWAY;
  private long outageEndsNanos;

  Weather(Loop loop) {
    this.loop = loop;
  }

  void begin(Outage kind, long millis) {
    note("the store is " + kind + " for " + millis + " ms");
    outage = kind;
    outageEndsNanos = loop.nowNanos() + millis * 1_000_000;
  }

  void cast(String key, Spell spell, long millis) {
    note(key + " is " + spell + " for " + millis + " ms");
    cast.put(key, new Cast(spell, loop.nowNanos() + millis * 1_000_000));
  }

  /// From here on that byte of the object is shown as another.
  void decay(String key, int at) {
    note(key + " decays at byte " + at);
    decayed.computeIfAbsent(key, _ -> new TreeSet<>()).add(at);
  }

  /// Another object is in its place.
  void renew(String key) {
    decayed.remove(key);
  }

  /// Which bytes of the object are shown as others.
  Set<Integer> decayed(String key) {
    return decayed.getOrDefault(key, Set.of());
  }

  /// When the last outage is over, or was.
  long outageEndsNanos() {
    return outageEndsNanos;
  }

  boolean is(Outage kind) {
    return outage == kind && loop.nowNanos() < outageEndsNanos;
  }

  /// What is wrong with an object at the moment; null if nothing is.
  @Nullable Spell on(String key) {
    Cast found = cast.get(key);
    return found == null || loop.nowNanos() >= found.endsNanos ? null : found.spell;
  }

  /// All is as it should be.
  void clear() {
    cast.clear();
    decayed.clear();
    outageEndsNanos = 0;
  }

  private void note(String event) {
    loop.trace().note(loop.nowNanos(), "bucket", event);
  }

  private record Cast(Spell spell, long endsNanos) {}
}
