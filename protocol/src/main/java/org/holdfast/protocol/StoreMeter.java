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
/// Memory is taken when a block is announced, so the block must follow, each piece of it in time: a
/// client that holds memory without filling it is told so and loses its connection. Any thread.
final class StoreMeter {
  /// Lets everything pass.
  static final StoreMeter NONE = new StoreMeter(null);

  /// What a block is timed by, in bytes: a stuck one is found without waiting for all of it.
  static final int PIECE_LENGTH = 1 << 20;

  /// How long a piece may take to come: at 16,000 bytes a second, which is less than any line has
  /// that backups are made over, and 30 s for a network's usual trouble.
  static final long PIECE_MILLIS = 30_000 + PIECE_LENGTH / 16;

  /// How long a client may take to read why its connection ends.
  private static final long PARTING_MILLIS = 2000;

  private static final Message TOO_SLOW =
      new Message.Failure(
          ErrorCode.UNAVAILABLE,
          10_000,
          "the server got less than 1 MiB of a block in "
              + PIECE_MILLIS / 1000
              + " s, and needs the memory for others: try again, over a better network if you can");

  /// What a STORE holds besides its block.
  private static final int NAMES_LENGTH = MessageType.STORE.maxPayload() - BlockBytes.MAX_LENGTH;

  private final @Nullable Metered metered;

  private StoreMeter(@Nullable Metered metered) {
    this.metered = metered;
  }

  StoreMeter(Share share, Clock clock, Spawner spawner) {
    this(new Metered(share, clock, spawner));
  }

  /// Waits until there is memory for the block, and takes as much as it costs in credit: a client
  /// that keeps within its credit never waits for more than that. Empty if `closed` says so first.
  OptionalInt lease(FrameHeader header, BooleanSupplier closed)
      throws CorruptException, UnavailableException {
    if (metered == null || header.type() != MessageType.STORE) {
      return OptionalInt.of(0);
    }
    int bytes = Math.max(header.length() - NAMES_LENGTH, Message.STORE_COST_MIN);
    try {
      return metered.share.take(bytes, closed) ? OptionalInt.of(bytes) : OptionalInt.empty();
    } catch (CorruptException | UnavailableException e) {
      throw e;
    } catch (HoldfastException e) {
      throw new UnavailableException(e.getMessage(), e);
    }
  }

  /// Ends the connection unless it is called off before the next piece must have come. None where
  /// nothing is leased.
  Optional<Deadline> deadline(int leased, Connection connection) {
    if (metered == null || leased == 0) {
      return Optional.empty();
    }
    Metered used = metered;
    return Optional.of(
        new Deadline(used.clock, used.spawner, PIECE_MILLIS, () -> end(connection, used)));
  }

  /// What the receiver says of a deadline that has passed.
  static UnavailableException tooSlow(String peer) {
    return new UnavailableException("a block from " + peer + " came too slowly: try again", 10_000);
  }

  /// The client closes when it has read why; one that does not is cut off.
  private static void end(Connection connection, Metered used) {
    Deadline cut = new Deadline(used.clock, used.spawner, PARTING_MILLIS, connection::close);
    try {
      connection.send(0, TOO_SLOW);
    } catch (UnavailableException e) {
      cut.callOff();
      connection.close();
    }
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
