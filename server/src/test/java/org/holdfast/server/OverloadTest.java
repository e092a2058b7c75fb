package org.holdfast.server;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `incidents/2011-memory`, in short. For longer: `-Dincident.seconds=600`.
final class OverloadTest {
  @TempDir Path folder;

  @Test
  @Timeout(3600)
  void memoryIsBoundedAndBackgroundWorkGoesOnWhileClientsOfferFarTooMuch() throws Exception {
    System.out.println(
        Overload.play(folder, Integer.parseInt(System.getProperty("incident.seconds", "4"))));
  }
}
