package org.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintStream;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Terminal;
import org.holdfast.core.Clock;
import org.holdfast.server.Rebuild.Phase;
import org.junit.jupiter.api.Test;

final class RebuildLinesTest {
  private static final long SECOND = 1_000_000_000;

  private long nanos = 5 * SECOND;
  private final RebuildLines lines =
      new RebuildLines(
          new Clock() {
            @Override
            public long wallMillis() {
              return 0;
            }

            @Override
            public long nanos() {
              return nanos;
            }

            @Override
            public void sleepMillis(long millis) {}
          },
          new Output(
              Terminal.into(
                  new PrintStream(PrintStream.nullOutputStream()),
                  new PrintStream(PrintStream.nullOutputStream()))));

  @Test
  void aPhaseSaysHowFastItIsAndHowLongItTakesStill() {
    assertThat(lines.json()).contains("\"done\":0,\"total\":0").doesNotContain("seconds_left");
    lines.at(Phase.FETCHING, 1, 1001, 0);
    nanos += 10 * SECOND;
    lines.at(Phase.FETCHING, 201, 1001, 0);
    assertThat(lines.text())
        .startsWith(
            "1/4 read headers of 201 of 1001 segments  20 segments/s  39 s left  bound by ");
    assertThat(lines.json())
        .contains(
            "\"phase\":\"fetching\",\"done\":201,\"total\":1001,\"records\":0,"
                + "\"done_per_second\":20,\"seconds_left\":39,\"bound_by\":");
    lines.at(Phase.SORTING, 1, 801, 1_000);
    nanos += 2 * SECOND;
    lines.at(Phase.SORTING, 401, 801, 400_000);
    assertThat(lines.text())
        .startsWith("2/4 sorted 401 of 801 segments  200000 records/s  1 s left");
    lines.at(Phase.LOADING, 1, 3, 0);
    nanos += 4 * SECOND;
    lines.at(Phase.LOADING, 2, 3, 0);
    assertThat(lines.text()).startsWith("3/4 loaded 2 of 3 files  0 files/s  2 s left");
    lines.at(Phase.SORTING, 1, 200, 400_500);
    nanos += SECOND;
    lines.at(Phase.SORTING, 200, 200, 500_000);
    assertThat(lines.text()).startsWith("2/4 sorted 200 of 200 segments  100000 records/s  bound");
  }

  /// What another one had read says nothing of this one's rate.
  @Test
  void whatGoesOnWhereOneWasCutShortGoesByItsOwnRate() {
    lines.at(Phase.FETCHING, 901, 1001, 0);
    nanos += 5 * SECOND;
    lines.at(Phase.FETCHING, 951, 1001, 0);
    assertThat(lines.json()).contains("\"done_per_second\":10,\"seconds_left\":4,");
  }
}
