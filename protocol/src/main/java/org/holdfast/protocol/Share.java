package org.holdfast.protocol;

import java.util.function.BooleanSupplier;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;

/// What one session may hold of a budget that all sessions share: so much at a time at most.
///
/// The session's own part is taken first: who waits for that keeps nobody else from the budget. Any
/// thread.
public final class Share {
  private final Credit budget;
  private final Credit own;

  public Share(Credit budget, long bytesMax) {
    this.budget = budget;
    this.own = new Credit(bytesMax);
  }

  /// Waits until that much is there, unless `givesUp` says so meanwhile, which is asked again after
  /// each [#wake]. Answers whether it was taken.
  public boolean take(long bytes, BooleanSupplier givesUp) throws HoldfastException {
    if (!own.take(bytes, givesUp)) {
      return false;
    }
    boolean taken = false;
    try {
      taken = budget.take(bytes, givesUp);
      return taken;
    } finally {
      if (!taken) {
        give(own, bytes);
      }
    }
  }

  /// Takes that much if it is there and nobody waits for it.
  public boolean tryTake(long bytes) {
    if (!own.tryTake(bytes)) {
      return false;
    }
    boolean taken = budget.tryTake(bytes);
    if (!taken) {
      give(own, bytes);
    }
    return taken;
  }

  /// Gives back what was taken, once.
  public void give(long bytes) {
    give(budget, bytes);
    give(own, bytes);
  }

  /// Has everybody who waits ask again whether to give up.
  public void wake() {
    own.wake();
    budget.wake();
  }

  private static void give(Credit to, long bytes) {
    try {
      to.give(bytes);
    } catch (CorruptException e) {
      throw new IllegalStateException("memory is given back once", e);
    }
  }
}
