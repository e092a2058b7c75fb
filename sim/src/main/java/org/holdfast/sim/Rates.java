package org.holdfast.sim;

import java.util.SplittableRandom;

/// How often what goes wrong in one run. Each run draws its own: most bugs need much of one thing
/// and little of another.
///
/// @param lostBefore share of the bucket's calls that fail without effect
/// @param lostAfter share that take effect and then fail
/// @param late share of puts that are reported as failed and take effect later
/// @param twice share of puts that the store sees twice
/// @param conflict share of puts that are told of another one under way
/// @param throttled share of calls that are told to slow down
/// @param absent share of gets that miss an object that is there
/// @param damaged share of gets whose bytes are short or wrong
/// @param slow share of calls that take seconds
/// @param cut share of messages after which a connection breaks
/// @param killsPerHour of each process
/// @param pausesPerHour of servers, while another takes over
/// @param napsPerHour of clients that sleep and know nothing of it
/// @param jumpsPerHour of clocks
/// @param outagesPerHour of the store
/// @param spellsPerHour of objects that are not shown as they are for a while
/// @param longSpell share of them that last longer than anybody asks again
/// @param fullPerHour how often a server's or a client's disk has no room
/// @param wiped share of restarts that find an empty disk
/// @param stale share of restarts that find an old one
/// @param rebuilt share of restarts before which the index is rebuilt
/// @param clean share of restarts that were asked for, and wait until the server has stopped
/// @param killedAtFile share of file operations that are their process's last
/// @param powerCut share of kills that are power cuts
/// @param torn share of power cuts after which an index lacks something in its middle
/// @param unreadable share of reads that a disk refuses
/// @param deleteFailed share of the bucket's deletions that fail without effect
/// @param deleteUnheard share that take effect and then fail
/// @param deleteLate share that are reported as failed and take effect later
/// @param lingers share after which the object is still shown for a while
/// @param zombie share after which a put that had been on its way for long brings the object back
/// @param cutCleaning share of cleanings in whose middle the server dies
/// @param decaysPerHour of objects of which a byte is another, until the weather is fair
/// @param spoilsPerHour of objects of images, which are lost, or a byte of which is another
/// @param wipedImaged share of restarts that find an empty disk, besides, where images are made
record Rates(
    double lostBefore,
    double lostAfter,
    double late,
    double twice,
    double conflict,
    double throttled,
    double absent,
    double damaged,
    double slow,
    double cut,
    double killsPerHour,
    double pausesPerHour,
    double napsPerHour,
    double jumpsPerHour,
    double outagesPerHour,
    double spellsPerHour,
    double longSpell,
    double fullPerHour,
    double wiped,
    double stale,
    double rebuilt,
    double clean,
    double killedAtFile,
    double powerCut,
    double torn,
    double unreadable,
    double deleteFailed,
    double deleteUnheard,
    double deleteLate,
    double lingers,
    double zombie,
    double cutCleaning,
    double decaysPerHour,
    double spoilsPerHour,
    double wipedImaged) {
  private static final double SELDOM = 0.02;

  static final Rates NONE =
      new Rates(
          0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
          0, 0, 0, 0, 0);

  static Rates draw(SplittableRandom random) {
    boolean isDamaging = random.nextInt(3) == 0;
    double most = random.nextBoolean() ? 0.2 : SELDOM / 2;
    return new Rates(
        share(random, 0.2),
        share(random, 0.1),
        share(random, 0.1),
        share(random, 0.1),
        share(random, 0.1),
        share(random, 0.1),
        isDamaging ? share(random, most) : 0,
        isDamaging ? share(random, most) : 0,
        share(random, 0.1),
        share(random, 0.01),
        random.nextInt(3) == 0 ? 0 : random.nextDouble(60),
        random.nextInt(2) == 0 ? 0 : random.nextDouble(30),
        random.nextInt(3) == 0 ? random.nextDouble(30) : 0,
        random.nextInt(3) == 0 ? random.nextDouble(20) : 0,
        random.nextInt(3) == 0 ? random.nextDouble(60) : 0,
        isDamaging && random.nextBoolean() ? random.nextDouble(600) : 0,
        share(random, 1),
        random.nextInt(4) == 0 ? random.nextDouble(60) : 0,
        share(random, 0.5),
        share(random, 0.5),
        share(random, 0.5),
        share(random, 0.5),
        share(random, 0.02),
        random.nextInt(3) == 0 ? 0 : random.nextDouble(1),
        random.nextBoolean() ? 0 : random.nextDouble(1),
        random.nextInt(4) == 0 ? share(random, 0.02) : 0,
        // Objects are deleted seldom: with what can go wrong then, much of it should.
        share(random, 0.5),
        share(random, 0.5),
        share(random, 0.5),
        share(random, 1),
        share(random, 0.5),
        random.nextBoolean() ? 0 : random.nextDouble(0.2),
        random.nextInt(4) == 0 ? random.nextDouble(200) : 0,
        random.nextInt(3) == 0 ? random.nextDouble(60) : 0,
        random.nextDouble(0.5));
  }

  /// Nothing at all in half of the runs.
  private static double share(SplittableRandom random, double max) {
    double drawn = random.nextDouble(max);
    return random.nextBoolean() ? 0 : drawn * drawn / max;
  }
}
