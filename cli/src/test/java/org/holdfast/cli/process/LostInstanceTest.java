package org.holdfast.cli.process;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `incidents/2023-instance`, in short. For longer: `-Dincident.seconds=600`.
final class LostInstanceTest {
  @TempDir Path home;

  @Test
  @Timeout(90_000)
  void recoveryBearsAMachineThatMovedAndKillsAndACheckThatIsOverridden() throws Exception {
    int seconds = Integer.getInteger("incident.seconds", 0);
    long seed = Long.getLong("incident.seed", System.nanoTime() & 0xffffff);
    System.out.println(LostInstance.play(home, seconds, seconds == 0 ? 2 : 5, seed));
  }
}
