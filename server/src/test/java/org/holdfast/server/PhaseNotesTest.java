package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.holdfast.server.journal.Timeline;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PhaseNotesTest {
  @TempDir Path folder;

  private final TestClock clock = new TestClock();

  @Test
  void theRateOfAPhaseThatGoesOnIsOfWhatItHasDoneItself() throws Exception {
    PhaseNotes notes =
        new PhaseNotes(Timeline.in(folder, clock, "rebuild"), clock, Rebuild.Progress.NONE);
    notes.at(Rebuild.Phase.FETCHING, 9, 20, 0);
    clock.pass(2_000);
    notes.at(Rebuild.Phase.FETCHING, 20, 20, 0);
    notes.ended();
    assertThat(Files.readAllLines(folder.resolve("timeline")))
        .satisfiesExactly(
            line -> assertThat(line).endsWith("reading headers begun, at 8 of 20 segments"),
            line ->
                assertThat(line)
                    .endsWith("reading headers ended, 20 of 20 segments in 2.0 s, 6 a second"));
  }
}
