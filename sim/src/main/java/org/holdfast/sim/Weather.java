package org.holdfast.sim;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is wrong with the store itself for a while, for everybody: it is away, takes nothing, wants
/// fewer requests, or shows some objects not as they are. All of it ends by itself.
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
  private Outage outage = Outage.AWAY;
  private long outageEndsNanos;
  private boolean isHarsh;

  Weather(Loop loop) {
    this.loop = loop;
  }

  void begin(Outage kind, long millis) {
    note("the store is " + kind + " for " + millis + " ms");
    outage = kind;
    outageEndsNanos = loop.nowNanos() + millis * 1_000_000;
  }

  /// `patienceMillis` is how long the product asks again. Spells with less than that between them
  /// count as one: what is asked may be under way while all is well.
  void cast(String key, Spell spell, long millis, long patienceMillis) {
    note(key + " is " + spell + " for " + millis + " ms");
    Cast before = cast.get(key);
    long beganNanos = loop.nowNanos();
    if (before != null && beganNanos - before.endsNanos < patienceMillis * 1_000_000) {
      beganNanos = before.beganNanos;
    }
    long endsNanos = loop.nowNanos() + millis * 1_000_000;
    cast.put(key, new Cast(spell, beganNanos, endsNanos));
    isHarsh |= 2 * (endsNanos - beganNanos) / 1_000_000 > patienceMillis;
  }

  /// Whether an object may have been absent or damaged for longer than anybody asks again.
  boolean isHarsh() {
    return isHarsh;
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
    isHarsh = false;
    outageEndsNanos = 0;
  }

  private void note(String event) {
    loop.trace().note(loop.nowNanos(), "bucket", event);
  }

  private record Cast(Spell spell, long beganNanos, long endsNanos) {}
}
