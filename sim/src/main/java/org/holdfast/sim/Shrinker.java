package org.holdfast.sim;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/// Looks for the least that still breaks the same promise: leaves out whole kinds of faults, then
/// halves, quarters and single ones of those that happened (delta debugging, Zeller and Hildebrandt
/// 2002), as long as it helps.
final class Shrinker {
  private static final int RUNS_MAX = 2_000;

  private final Scenario first;
  private final PrintStream out;
  private String sought = "";
  private int runs;

  Shrinker(Scenario first, PrintStream out) {
    this.first = first;
    this.out = out;
  }

  /// Prints what it finds; whether every promise was kept, so that there is nothing to shrink.
  boolean run() {
    History.Outcome whole = play(first);
    if (whole.violation() == null) {
      out.println("every promise is kept: nothing to shrink");
      return true;
    }
    sought = whole.violation().kind();
    History.Outcome least = smaller(whole);
    out.printf(
        "%d of %d faults are enough, found in %d runs: %s%n",
        least.faults().size(), whole.faults().size(), runs, message(least));
    for (Faults.Struck each : least.faults()) {
      out.printf(Locale.ROOT, "%12.3f s  %s%n", each.nanos() / 1e9, each.name());
    }
    out.printf("again: ./holdfast-sim %s --trace%n", least.scenario());
    return false;
  }

  private History.Outcome smaller(History.Outcome whole) {
    History.Outcome least = whole;
    for (String kind : kinds(whole)) {
      Set<String> without = new TreeSet<>(least.scenario().without());
      without.add(kind);
      least = better(least, least.scenario().without(without));
    }
    // By name from here on: the kinds that are left out need not be said any more.
    least = better(least, least.scenario().without(Set.of()).withOnly(names(least)));
    int pieces = 2;
    while (!least.faults().isEmpty() && runs < RUNS_MAX) {
      History.Outcome next = withoutPiece(least, pieces);
      if (!next.scenario().equals(least.scenario())) {
        least = next;
        pieces = Math.max(2, pieces - 1);
      } else if (pieces >= least.faults().size()) {
        break;
      } else {
        pieces = Math.min(2 * pieces, least.faults().size());
      }
    }
    return least;
  }

  /// The first that is found by leaving one of so many pieces out; the same if there is none.
  private History.Outcome withoutPiece(History.Outcome outcome, int pieces) {
    List<String> all = new ArrayList<>(names(outcome));
    for (int i = pieces; i-- > 0 && runs < RUNS_MAX; ) {
      int from = (int) ((long) all.size() * i / pieces);
      int to = (int) ((long) all.size() * (i + 1) / pieces);
      Set<String> rest = new LinkedHashSet<>(all.subList(0, from));
      rest.addAll(all.subList(to, all.size()));
      if (from == to) {
        continue;
      }
      History.Outcome next = better(outcome, outcome.scenario().withOnly(rest));
      if (!next.scenario().equals(outcome.scenario())) {
        return next;
      }
    }
    return outcome;
  }

  /// The other run, if it breaks the same promise.
  private History.Outcome better(History.Outcome old, Scenario scenario) {
    History.Outcome next = play(scenario);
    return next.violation() != null && next.violation().kind().equals(sought) ? next : old;
  }

  private History.Outcome play(Scenario scenario) {
    runs++;
    return History.run(scenario, null);
  }

  private static Set<String> names(History.Outcome outcome) {
    Set<String> names = new LinkedHashSet<>();
    outcome.faults().forEach(each -> names.add(each.name()));
    return names;
  }

  private static Set<String> kinds(History.Outcome outcome) {
    Set<String> kinds = new LinkedHashSet<>();
    outcome.faults().forEach(each -> kinds.add(each.kind()));
    return kinds;
  }

  private static String message(History.Outcome outcome) {
    return outcome.violation() == null ? "" : String.valueOf(outcome.violation().getMessage());
  }
}
