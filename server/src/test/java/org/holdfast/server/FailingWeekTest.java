package org.holdfast.server;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `incidents/2016-disk`.
final class FailingWeekTest {
  @TempDir Path folder;

  @Test
  @Timeout(300)
  void nothingGrowsWhileTheBucketFailsForAWeekAndAllGoesOnAfterIt() throws Exception {
    System.out.println(FailingWeek.play(folder));
  }
}
