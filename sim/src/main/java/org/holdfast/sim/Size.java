package org.holdfast.sim;

import java.util.Optional;
import java.util.SplittableRandom;

/// How much there is in a run. Most bugs need little of everything, and small runs are many.
///
/// @param machines at most
/// @param rounds backups of a client at most
/// @param pauseMillis between them at most
/// @param files of a machine at most
/// @param length of a file in bytes at most
/// @param changes before a backup at most
record Size(int machines, int rounds, long pauseMillis, int files, int length, int changes) {
  static final Size SMALL = new Size(1, 2, 120_000, 3, 3_000, 2);
  static final Size LARGE = new Size(Machines.MOST, 4, 600_000, 12, 30_000, 4);

  /// One run of so many is large.
  private static final int SMALL_SHARE = 16;

  static Size draw(SplittableRandom random) {
    return random.nextInt(SMALL_SHARE) == 0 ? LARGE : SMALL;
  }

  /// Of an option's word.
  static Optional<Size> of(String word) {
    return switch (word) {
      case "small" -> Optional.of(SMALL);
      case "large" -> Optional.of(LARGE);
      default -> Optional.empty();
    };
  }

  String word() {
    return equals(SMALL) ? "small" : "large";
  }

  @Override
  public String toString() {
    return word();
  }
}
