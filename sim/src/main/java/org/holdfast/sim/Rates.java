package org.holdfast.sim;

import java.util.SplittableRandom;

/// How often what goes wrong in one run. Each run draws its own: most bugs need much of one thing
/// and little of another.
///
/// @param lostBefore share of the bucket's calls that fail without effect
/// @param lostAfter share that take effect and then fail
/// @param late share of puts that are reported as failed and take effect later
/// @param twice share of puts that the store sees twice
/// @param absent share of gets that miss an object that is there
/// @param damaged share of gets whose bytes are short or wrong
/// @param slow share of calls that take seconds
/// @param cut share of messages after which a connection breaks
/// @param killsPerHour of each process
/// @param pausesPerHour of servers, while another takes over
/// @param jumpsPerHour of clocks
/// @param wiped share of restarts that find an empty disk
/// @param stale share of restarts that find an old one
record Rates(
    double lostBefore,
    double lostAfter,
    double late,
    double twice,
    double absent,
    double damaged,
    double slow,
    double cut,
    double killsPerHour,
    double pausesPerHour,
    double jumpsPerHour,
    double wiped,
    double stale) {
  static final Rates NONE = new Rates(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  static Rates draw(SplittableRandom random) {
    return new Rates(
        share(random, 0.2),
        share(random, 0.1),
        share(random, 0.1),
        share(random, 0.1),
        0,
        0,
        share(random, 0.1),
        share(random, 0.01),
        random.nextInt(3) == 0 ? 0 : random.nextDouble(60),
        random.nextInt(2) == 0 ? 0 : random.nextDouble(30),
        random.nextInt(3) == 0 ? random.nextDouble(20) : 0,
        share(random, 0.5),
        share(random, 0.5));
  }

  /// Nothing at all in half of the runs.
  private static double share(SplittableRandom random, double max) {
    double drawn = random.nextDouble(max);
    return random.nextBoolean() ? 0 : drawn * drawn / max;
  }
}
