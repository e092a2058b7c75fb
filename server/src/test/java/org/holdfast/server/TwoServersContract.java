package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Two servers run against each other over a store, as often as the store's test says, or
/// `-Dholdfast.rivals=RUNS` (`docs/stores.md`). `-Dholdfast.rivals.seed=SEED` begins with that run.
abstract class TwoServersContract {
  private static final Logger LOG = LoggerFactory.getLogger(TwoServersContract.class);

  /// From here on chance must have paused every step.
  private static final int MANY_RUNS = 1000;

  private static final int TOLD_STEPS = 300;

  @TempDir Path folder;

  /// How often, unless the command says otherwise.
  abstract int runs();

  /// A store with nothing in it.
  abstract Ground ground(long seed) throws Exception;

  /// Whether indexes are in folders, as a server's are.
  abstract boolean keepsIndexes();

  @Test
  void noAcknowledgedWriteIsEverLostOrContradicted() throws Exception {
    Pauses pauses = new Pauses();
    long acknowledged = 0;
    long fenced = 0;
    int runs = Integer.getInteger("holdfast.rivals", runs());
    long first = Long.getLong("holdfast.rivals.seed", 0);
    for (long seed = first; seed < first + runs; seed++) {
      Path home = keepsIndexes() ? folder.resolve("run" + seed) : null;
      Contest contest = new Contest(seed, ground(seed), home, pauses);
      try {
        contest.run();
      } catch (Throwable e) {
        throw new AssertionError(told(seed, contest), e);
      }
      acknowledged += contest.acknowledged();
      fenced += contest.fenced();
      if ((seed + 1 - first) % 100 == 0) {
        LOG.info("{} runs: {} acknowledged, {} fenced", seed + 1 - first, acknowledged, fenced);
      }
    }
    LOG.info("{} runs: {} acknowledged, {} fenced; {}", runs, acknowledged, fenced, pauses);
    assertThat(acknowledged).isGreaterThan(4L * runs);
    assertThat(fenced).isGreaterThan(runs / 2);
    if (runs >= MANY_RUNS) {
      metEverything(pauses);
    }
  }

  private static String told(long seed, Contest contest) {
    List<String> all = contest.trace();
    List<String> last = all.subList(Math.max(0, all.size() - TOLD_STEPS), all.size());
    return "run " + seed + ":\n" + String.join("\n", last);
  }

  private static void metEverything(Pauses pauses) {
    for (Step step : Step.values()) {
      assertThat(pauses.before(step)).as("pauses before %s: %s", step, pauses).isPositive();
      assertThat(pauses.after(step)).as("pauses after %s: %s", step, pauses).isPositive();
      assertThat(pauses.lost(step)).as("lost answers of %s: %s", step, pauses).isPositive();
    }
    for (Step put : List.of(Step.SEAL, Step.FIRST_SEGMENT, Step.SEGMENT)) {
      assertThat(pauses.beyondSeal(put)).as("%s after a seal: %s", put, pauses).isPositive();
    }
    assertThat(pauses.races()).as("races: %s", pauses).isPositive();
  }
}
