package org.holdfast.cli.process;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `incidents/2011-memory` with a server process, in short. For longer: `-Dincident.seconds=600`.
final class ServeOverloadTest {
  @TempDir Path home;

  @Test
  @Timeout(90_000)
  void serverThatIsOfferedTenTimesWhatItTakesKeepsItsMemoryAndServesRestores() throws Exception {
    int seconds = Integer.parseInt(System.getProperty("incident.seconds", "15"));
    System.out.println(ServeOverload.play(home, seconds));
  }
}
