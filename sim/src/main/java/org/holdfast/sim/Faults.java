package org.holdfast.sim;

import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/// What goes wrong in a run, until it is called off.
final class Faults {
  private Rates rates;

  Faults(Rates rates) {
    this.rates = rates;
  }

  Rates rates() {
    return rates;
  }

  void set(Rates drawn) {
    rates = drawn;
  }

  /// From here on nothing goes wrong any more.
  void stop() {
    rates = Rates.NONE;
  }

  /// Whether it happens now.
  boolean strike(ToDoubleFunction<Rates> rate, SplittableRandom random) {
    double share = rate.applyAsDouble(rates);
    return share > 0 && random.nextDouble() < share;
  }
}
