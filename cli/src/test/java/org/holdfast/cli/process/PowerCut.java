package org.holdfast.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/// Re-enacts 2012-power: a server is cut off in the middle of backups, its files are harmed, and it
/// is started again, with nothing done by hand.
final class PowerCut {
  private static final long LONGEST_MILLIS = 3_000;

  private PowerCut() {}

  /// Plays for so long, or until all kinds of harm were done if that takes longer and `isWhole`.
  /// Answers what there is to tell; throws an [AssertionError] that names the round if something
  /// does not hold.
  static String play(Path home, int seconds, boolean isWhole, long seed) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    SplittableRandom random = new SplittableRandom(seed);
    List<Harm> harms = new ArrayList<>();
    int rounds = 0;
    try (RecoveredService service = RecoveredService.start(home, random.split())) {
      service.backUp("first");
      while (System.nanoTime() < end || (isWhole && rounds < Harm.values().length)) {
        if (harms.isEmpty()) {
          harms.addAll(List.of(Harm.values()));
          Collections.shuffle(harms, new Random(random.nextLong()));
        }
        Harm harm = harms.removeLast();
        try {
          cut(service, "round " + rounds++, harm, random);
        } catch (Exception | AssertionError e) {
          throw new AssertionError(
              "seed %d, round %d, %s: %s".formatted(seed, rounds, harm, e.getMessage()), e);
        }
      }
      service.backUp("last");
      int archives = service.check(Integer.MAX_VALUE);
      service.service().stop();
      service.service().compare();
      return "holds: seed %d, %d power cuts, %d archives restored exactly"
          .formatted(seed, rounds, archives);
    }
  }

  private static void cut(RecoveredService service, String name, Harm harm, SplittableRandom random)
      throws Exception {
    // What was done before has come to the disk, and can be harmed there.
    service.service().stop();
    service.service().start();
    var backups = service.begin(name);
    backups.getFirst().await(random.nextLong(LONGEST_MILLIS));
    service.service().kill();
    harm.on(service.service().state(), random);
    service.end(backups);
    service.service().start();
    service.check(1);
    if (random.nextInt(3) == 0) {
      service.backUp("after " + name);
    }
    assertThat(service.operate("status"))
        .as("backups are taken")
        .anyMatch(line -> line.startsWith("backups ") && line.endsWith("taken"));
  }

  /// With a folder and seconds.
  public static void main(String[] words) throws Exception {
    try {
      System.out.println(
          "2012-power: " + play(Path.of(words[0]), Integer.parseInt(words[1]), true, 1));
      System.exit(0);
    } catch (AssertionError e) {
      System.out.println("2012-power: FAILS: " + e.getMessage());
      System.exit(1);
    }
  }
}
