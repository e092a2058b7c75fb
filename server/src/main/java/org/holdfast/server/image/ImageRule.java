package org.holdfast.server.image;

import java.util.Optional;

/// When an image is made, and for how long it holds cleaning up (`docs/images.md`, "Making one").
///
/// @param periodMillis at most one is made in so long, unless the log has grown by a tenth
public record ImageRule(long periodMillis) {
  private static final long DAY_MILLIS = 24L * 3600 * 1000;

  /// An image that is older gives way to cleaning: a rule about speed must not fill the bucket.
  private static final long HOLDS_MILLIS = 8 * DAY_MILLIS;

  /// By one in so many of its records a log must grow.
  private static final long GROWN = 100;

  /// By one in so many, and the period does not count.
  private static final long GROWN_MUCH = 10;

  /// Whether it is time for one, of a log whose next record is this.
  public boolean isDue(Optional<Made> newest, long nextRecord, long nowMillis) {
    if (newest.isEmpty()) {
      return true;
    }
    long before = newest.get().nextRecord;
    long grown = nextRecord - before;
    if (grown >= Math.max(1, before / GROWN_MUCH)) {
      return true;
    }
    long age = nowMillis - newest.get().madeMillis;
    // A clock that was set back must not put it off for years.
    boolean isTime = age >= periodMillis || age < 0;
    long least = holds(newest.get(), nowMillis) ? Math.max(1, before / GROWN) : 1;
    return isTime && grown >= least;
  }

  /// Whether cleaning leaves alone what lies behind it.
  public boolean holds(Made image, long nowMillis) {
    return nowMillis - image.madeMillis <= HOLDS_MILLIS;
  }

  /// What is known of an image.
  ///
  /// @param nextRecord behind where it is
  public record Made(long nextRecord, long madeMillis) {}
}
