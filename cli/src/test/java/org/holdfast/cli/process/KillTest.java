package org.holdfast.cli.process;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Real servers and clients that are killed, paused and told to stop at any moment, with a model
/// beside them of what they have promised. `docs/simulation.md` says what is checked.
///
/// The seed decides how trees change and what happens to whom. Real processes take their own time,
/// so the moments of the kills, and what they hit, are others in each run.
///
/// ```
/// mvn -pl cli -am -Dtest=KillTest -Dsurefire.failIfNoSpecifiedTests=false -Dkill.rounds=5000 test
/// ```
///
/// | property | |
/// |---|---|
/// | `kill.rounds` | how many rounds, instead of as many as fit into `kill.seconds` |
/// | `kill.seed` | a number; another one each time unless given |
/// | `kill.life` | rounds of one service, 100 by default; then everything is checked, and another begins |
/// | `kill.store` | `s3` for a store in S3 instead of a folder |
/// | `kill.classes` | a folder of classes that go before the program's own, to try a bug |
final class KillTest {
  private static final int SECONDS = Integer.getInteger("kill.seconds", 40);
  private static final int ROUNDS = Integer.getInteger("kill.rounds", 0);

  /// Also where the machine is so busy that the beginning takes all of the time.
  private static final int ROUNDS_MIN = 4;

  private static final int LIFE = Integer.getInteger("kill.life", 100);
  private static final long SEED = Long.getLong("kill.seed", System.nanoTime() & 0xffffff);
  private static final boolean IN_S3 = "s3".equals(System.getProperty("kill.store"));

  private static final String CLASS_PATH =
      Stream.of(System.getProperty("kill.classes", ""), System.getProperty("java.class.path"))
          .filter(each -> !each.isEmpty())
          .collect(Collectors.joining(File.pathSeparator));

  private final TreeMap<String, Integer> counts = new TreeMap<>();
  private final long start = System.nanoTime();
  private int rounds;

  @Test
  void whatWasPromisedOutlivesEveryKill() throws Exception {
    Path home = Files.createTempDirectory("holdfast-kill");
    for (int life = 0; !isOver(); life++) {
      Path folder = Files.createDirectories(home.resolve("life" + life));
      Program program = new Program(folder, List.of(), CLASS_PATH).lasting(240);
      if (IN_S3) {
        try (S3Service store = S3Service.start(program, folder)) {
          live(folder, store.program(), "s3://" + S3Service.BUCKET, SEED + life);
        }
      } else {
        live(folder, program, "dir:bucket", SEED + life);
      }
      KillMachine.delete(folder);
    }
    KillMachine.delete(home);
  }

  private boolean isOver() {
    return ROUNDS > 0 ? rounds >= ROUNDS : rounds >= ROUNDS_MIN && seconds() >= SECONDS;
  }

  private double seconds() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start) / 1000.0;
  }

  private void live(Path folder, Program program, String bucket, long seed) throws Exception {
    String happened = "the beginning";
    try (KillLife life = new KillLife(folder, program, bucket, seed, counts)) {
      try {
        for (int i = 0; i < LIFE && !isOver(); i++) {
          rounds++;
          life.round(i);
          log(folder, i + ": " + life.happened());
        }
        life.end();
      } finally {
        happened = life.happened();
      }
    } catch (Exception | AssertionError e) {
      throw new AssertionError(
          "seed %d, after %d rounds: %s; all of it is in %s"
              .formatted(seed, rounds, happened, folder),
          e);
    }
    System.out.printf(
        "KILL seed %d: %d rounds so far, %.1f a minute, %s%n",
        seed, rounds, rounds * 60 / seconds(), counts);
  }

  private void log(Path folder, String line) throws IOException {
    Files.writeString(
        folder.resolve("rounds"),
        "%.1f s  %s%n".formatted(seconds(), line),
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }
}
