package org.holdfast.protocol;

import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.UnavailableException;
import org.jspecify.annotations.Nullable;

/// Takes memory for incoming STOREs from a budget that connections share. Other messages pass: a
/// request for a restore must not wait until blocks have been stored.
///
/// Any thread.
final class StoreMeter {
  /// Lets everything pass.
  static final StoreMeter NONE = new StoreMeter(null);

  private final @Nullable Credit budget;

  StoreMeter(@Nullable Credit budget) {
    this.budget = budget;
  }

  /// Waits until there is memory for the payload, and takes it. Empty if `closed` says so first.
  OptionalInt lease(FrameHeader header, BooleanSupplier closed)
      throws CorruptException, UnavailableException {
    if (budget == null || header.type() != MessageType.STORE) {
      return OptionalInt.of(0);
    }
    int bytes = Math.max(header.length(), Message.STORE_COST_MIN);
    try {
      return budget.take(bytes, closed) ? OptionalInt.of(bytes) : OptionalInt.empty();
    } catch (CorruptException | UnavailableException e) {
      throw e;
    } catch (HoldfastException e) {
      throw new UnavailableException(e.getMessage(), e);
    }
  }

  /// For a payload that did not become a message, or whose message is not needed any more.
  void giveBack(int bytes) {
    if (budget == null || bytes == 0) {
      return;
    }
    try {
      budget.give(bytes);
    } catch (CorruptException e) {
      throw new IllegalStateException("memory is given back once", e);
    }
  }

  /// Has who waits look whether the connection is closed.
  void wake() {
    if (budget != null) {
      budget.wake();
    }
  }
}
