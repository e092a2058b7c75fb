package org.holdfast.server.shard;

import java.util.Optional;
import java.util.OptionalLong;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The time by which deletions come to be over; none while the wall clock may be wrong.
///
/// What is over can never be undone again, and a clock that is set ahead by years would end all
/// deletions of all machines at once. So nothing ends
///
/// - in the first `settleMillis` of a process, nor as long after a jump: the wall clock going ahead
///   by more than [#JUMP_MILLIS] beyond the monotonic one;
/// - for [#LONG_HOLD_MILLIS] after a jump of more than [#LONG_JUMP_MILLIS], also one between the
///   newest segment that a start has found and that start: so long a person has to see it in
///   `status` and to mend the clock.
///
/// A machine that sleeps looks like a jump, and one that was off like a long one; both only wait.
///
/// Any thread.
public final class ExpiryClock {
  private static final Logger LOG = LoggerFactory.getLogger(ExpiryClock.class);

  /// More than a clock that is kept by the network is ever moved at once.
  static final long JUMP_MILLIS = 5 * 60_000;

  static final long LONG_JUMP_MILLIS = 7L * 24 * 3_600_000;

  static final long LONG_HOLD_MILLIS = 24L * 3_600_000;

  private static final long NANOS = 1_000_000;

  private final Clock clock;
  private long startWallMillis;
  private long startNanos;
  private long settleMillis;
  private @Nullable Newest newest;
  private long lastWallMillis;
  private long lastNanos;
  private long heldUntilNanos;
  private long jumpMillis;

  /// Starts with the process.
  ExpiryClock(Clock clock) {
    this.clock = clock;
    begin();
  }

  /// Starts: a standby that becomes the owner has looked at no clock before.
  private void begin() {
    startWallMillis = clock.wallMillis();
    startNanos = clock.nanos();
    lastWallMillis = startWallMillis;
    lastNanos = startNanos;
    heldUntilNanos = startNanos;
  }

  /// Nothing ends so long after the start, and after a jump.
  synchronized void settle(long millis) {
    settleMillis = millis;
    heldUntilNanos = Math.max(heldUntilNanos, startNanos + millis * NANOS);
  }

  /// This process owns the log from here on. `with` tells when it was written last before; it is
  /// asked once, when something may end.
  synchronized void compare(Newest with) {
    begin();
    newest = with;
  }

  /// The time; empty while nothing may end.
  synchronized OptionalLong now() throws HoldfastException {
    look();
    if (newest != null) {
      Optional<Long> millis = newest.millis();
      newest = null;
      if (millis.isPresent() && startWallMillis - millis.get() > LONG_JUMP_MILLIS) {
        hold(startWallMillis - millis.get(), startNanos);
      }
    }
    return lastNanos < heldUntilNanos ? OptionalLong.empty() : OptionalLong.of(lastWallMillis);
  }

  /// How long nothing ends from here on, and by how much the clock has jumped; zeros if that is not
  /// so.
  public synchronized Held held() {
    look();
    long left = (heldUntilNanos - lastNanos) / NANOS;
    return left > 0 ? new Held(left, jumpMillis) : new Held(0, 0);
  }

  private void look() {
    long wallMillis = clock.wallMillis();
    long nanos = clock.nanos();
    long jump = wallMillis - lastWallMillis - (nanos - lastNanos) / NANOS;
    lastWallMillis = wallMillis;
    lastNanos = nanos;
    if (jump > JUMP_MILLIS) {
      hold(jump, nanos);
    }
  }

  private void hold(long jump, long fromNanos) {
    long millis = jump > LONG_JUMP_MILLIS ? Math.max(LONG_HOLD_MILLIS, settleMillis) : settleMillis;
    heldUntilNanos = Math.max(heldUntilNanos, fromNanos + millis * NANOS);
    jumpMillis = jump;
    LOG.warn(
        "the clock is {} minutes further than expected: no deletion ends for {} minutes; if the"
            + " clock is wrong, mend it before then and start again",
        jump / 60_000,
        millis / 60_000);
  }

  /// How long nothing ends, and the jump for which that is so; 0 if it is for the start alone.
  public record Held(long millis, long jumpMillis) {}

  /// Tells when the log was written last; empty if it never was.
  interface Newest {
    Optional<Long> millis() throws HoldfastException;
  }
}
