package org.holdfast.cli.process;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `incidents/2012-power`, in short. For longer, and with all kinds of harm:
/// `-Dincident.seconds=600`.
final class PowerCutTest {
  @TempDir Path home;

  @Test
  @Timeout(90_000)
  void serverStartsByItselfWhateverAPowerCutHasLeftAndNothingIsLost() throws Exception {
    int seconds = Integer.getInteger("incident.seconds", 0);
    long seed = Long.getLong("incident.seed", System.nanoTime() & 0xffffff);
    System.out.println(PowerCut.play(home, seconds == 0 ? 25 : seconds, seconds > 0, seed));
  }
}
