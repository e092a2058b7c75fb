package org.holdfast.protocol;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import org.holdfast.core.Clock;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.jspecify.annotations.Nullable;

/// Takes memory for incoming STOREs from a budget that connections share. Other messages pass: a
/// request for a restore must not wait until blocks have been stored.
///
/// Memory is taken when a block is announced, so the block must follow: a client that holds memory
/// without filling it loses its connection. Any thread.
final class StoreMeter {
  /// Lets everything pass.
  static final StoreMeter NONE = new StoreMeter(null);

  /// How long a block may take to come at least: longer than a network's usual trouble.
  private static final long GRACE_MILLIS = 30_000;

  /// Beyond that a block must come at this rate: less than any line that backups are made over has.
  private static final int BYTES_PER_MILLI = 16;

  private final @Nullable Metered metered;

  private StoreMeter(@Nullable Metered metered) {
    this.metered = metered;
  }

  StoreMeter(Share share, Clock clock, Spawner spawner) {
    this(new Metered(share, clock, spawner));
  }

  /// Waits until there is memory for the payload, and takes it. Empty if `closed` says so first.
  OptionalInt lease(FrameHeader header, BooleanSupplier closed)
      throws CorruptException, UnavailableException {
    if (metered == null || header.type() != MessageType.STORE) {
      return OptionalInt.of(0);
    }
    int bytes = Math.max(header.length(), Message.STORE_COST_MIN);
    try {
      return metered.share.take(bytes, closed) ? OptionalInt.of(bytes) : OptionalInt.empty();
    } catch (CorruptException | UnavailableException e) {
      throw e;
    } catch (HoldfastException e) {
      throw new UnavailableException(e.getMessage(), e);
    }
  }

  /// Runs `end` unless it is called off before a payload with that lease must have come. None where
  /// nothing is leased.
  Optional<Deadline> deadline(int leased, Runnable end) {
    if (metered == null || leased == 0) {
      return Optional.empty();
    }
    long millis = GRACE_MILLIS + leased / BYTES_PER_MILLI;
    return Optional.of(new Deadline(metered.clock, metered.spawner, millis, end));
  }

  /// For a payload that did not become a message, or whose message is not needed any more.
  void giveBack(int bytes) {
    if (metered != null && bytes > 0) {
      metered.share.give(bytes);
    }
  }

  /// Has who waits look whether the connection is closed.
  void wake() {
    if (metered != null) {
      metered.share.wake();
    }
  }

  private record Metered(Share share, Clock clock, Spawner spawner) {}
}
