package org.holdfast.sim;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;

/// What goes wrong in a run, until it is called off, and a record of what did.
///
/// Each occasion on which something could go wrong has a name: who, what, and how many such
/// occasions they had before (`server2:lostAfter:14`). Whether it does is drawn by this name and
/// nothing else. So a run from which some faults are left out meets the others where they were, as
/// far as causality allows.
final class Faults {
  /// A rate that decides how a fault is, not whether there is one.
  private static final String NO_KIND = "longSpell";

  private final Shared shared;
  private final String who;
  private final Map<String, Integer> occasions = new HashMap<>();

  Faults(Scenario scenario, Loop loop) {
    this(new Shared(scenario, loop), "fate");
  }

  private Faults(Shared shared, String who) {
    this.shared = shared;
    this.who = who;
  }

  /// The same weather, as it meets somebody else.
  Faults of(String name) {
    return new Faults(shared, name);
  }

  /// All kinds of faults that there are, in their order.
  static Set<String> kinds() {
    Set<String> kinds = new TreeSet<>(Fate.KINDS);
    for (RecordComponent part : Rates.class.getRecordComponents()) {
      String name = part.getName();
      if (!name.endsWith("PerHour") && !name.equals(NO_KIND)) {
        kinds.add(name);
      }
    }
    return kinds;
  }

  /// The kind of a fault's name; the whole name if it is none.
  static String kindOf(String name) {
    String[] parts = name.split(":", -1);
    return parts.length < 3 ? name : parts[parts.length - 2];
  }

  Rates rates() {
    return shared.rates;
  }

  void set(Rates drawn) {
    shared.rates = drawn;
  }

  /// From here on nothing goes wrong any more.
  void stop() {
    shared.rates = Rates.NONE;
  }

  /// Whether it happens now.
  boolean strike(ToDoubleFunction<Rates> rate) {
    double share = rate.applyAsDouble(shared.rates);
    if (share == 0) {
      return false;
    }
    String kind = shared.kinds.computeIfAbsent(rate, Faults::kind);
    int nth = occasions.merge(kind, 1, Integer::sum);
    String lane = who + ":" + kind;
    return shared.chance.share(lane, nth) < share && happens(kind, lane + ":" + nth);
  }

  /// Whether what was drawn by other means happens, or is left out of this run.
  boolean happens(String kind) {
    int nth = occasions.merge(kind, 1, Integer::sum);
    return happens(kind, who + ":" + kind + ":" + nth);
  }

  private boolean happens(String kind, String name) {
    if (!shared.scenario.allows(kind, name)) {
      return false;
    }
    shared.struck.add(new Struck(shared.loop.nowNanos(), kind, name));
    return true;
  }

  /// What went wrong, in its order.
  List<Struck> struck() {
    return List.copyOf(shared.struck);
  }

  /// The name of a rate: that of the one part of [Rates] that it reads.
  private static String kind(ToDoubleFunction<Rates> rate) {
    RecordComponent[] parts = Rates.class.getRecordComponents();
    Class<?>[] types = new Class<?>[parts.length];
    Arrays.fill(types, double.class);
    try {
      var maker = Rates.class.getDeclaredConstructor(types);
      for (int i = 0; i < parts.length; i++) {
        Double[] values = Collections.nCopies(parts.length, 0.0).toArray(new Double[0]);
        values[i] = 1.0;
        if (rate.applyAsDouble(maker.newInstance((Object[]) values)) == 1) {
          return parts[i].getName();
        }
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
    throw new IllegalArgumentException("not a rate");
  }

  /// Something that went wrong.
  ///
  /// @param name to leave it out, or it alone in, see [Scenario]
  record Struck(long nanos, String kind, String name) {}

  private static final class Shared {
    final Scenario scenario;
    final Chance chance;
    final Loop loop;
    final IdentityHashMap<ToDoubleFunction<Rates>, String> kinds = new IdentityHashMap<>();
    final List<Struck> struck = new ArrayList<>();
    Rates rates = Rates.NONE;

    Shared(Scenario scenario, Loop loop) {
      this.scenario = scenario;
      this.chance = scenario.chance();
      this.loop = loop;
    }
  }
}
