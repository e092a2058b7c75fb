package org.holdfast.sim;

import java.util.Optional;
import java.util.SplittableRandom;

/// How much there is in a run. Most bugs need little of everything, and some need much of one
/// thing: each is drawn on its own.
///
/// @param machines at most
/// @param rounds backups of a client at most
/// @param pauseMillis between them at most
/// @param files of a machine at most
/// @param length of a file in bytes at most
/// @param changes before a backup at most
/// @param bigShare one file in so many is longer, between 100 and 300 kB; 0: none is
record Size(
    int machines, int rounds, long pauseMillis, int files, int length, int changes, int bigShare) {
  static final Size SMALL = new Size(1, 2, 120_000, 3, 3_000, 2, 0);
  static final Size LARGE = new Size(Machines.MOST, 4, 600_000, 12, 30_000, 4, 20);

  /// Of each, one run in so many has more than a small one.
  private static final int MORE_SHARE = 12;

  static Size draw(SplittableRandom random) {
    return new Size(
        isMore(random) ? LARGE.machines : SMALL.machines,
        isMore(random) ? LARGE.rounds : SMALL.rounds,
        isMore(random) ? LARGE.pauseMillis : SMALL.pauseMillis,
        isMore(random) ? 1 + random.nextInt(LARGE.files) : 1 + random.nextInt(SMALL.files),
        isMore(random) ? LARGE.length : SMALL.length,
        isMore(random) ? LARGE.changes : SMALL.changes,
        LARGE.bigShare);
  }

  private static boolean isMore(SplittableRandom random) {
    return random.nextInt(MORE_SHARE) == 0;
  }

  /// Of an option's word.
  static Optional<Size> of(String word) {
    return switch (word) {
      case "small" -> Optional.of(SMALL);
      case "large" -> Optional.of(LARGE);
      default -> Optional.empty();
    };
  }

  @Override
  public String toString() {
    if (equals(SMALL)) {
      return "small";
    }
    return equals(LARGE)
        ? "large"
        : "%d machines, %d rounds, %d files".formatted(machines, rounds, files);
  }
}
