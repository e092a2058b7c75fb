package org.holdfast.server.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.holdfast.core.AccountId;
import org.holdfast.core.Bytes;
import org.holdfast.core.MachineId;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogRecord;
import org.junit.jupiter.api.Test;

class NamesTest {
  private static final MachineId MACHINE = new MachineId(Bytes.wrap(id()));

  private static byte[] id() {
    byte[] id = new byte[MachineId.LENGTH];
    Arrays.fill(id, (byte) 3);
    return id;
  }

  /// A move changes the machine's row alone.
  @Test
  void machineThatIsMovedIsNamed() {
    AccountId one = new AccountId(Bytes.wrap(id()));
    LogRecord moved = new LogRecord.MachineMoved(MACHINE, one, one, 5);
    assertThat(Names.of(List.of(new LogEntry(9, moved, 0)))).containsExactly(Keys.machine(MACHINE));
  }

  @Test
  void whatIsSaidOfAnUnfinishedTransactionNamesTheMachineThatFollowsFromIt() {
    Bytes unfinished = Keys.unfinished(MACHINE, 7);
    LogRecord restated =
        new LogRecord.RowRestated(
            unfinished, Optional.of(Bytes.copyOf(UnfinishedRow.BEGUN.encode())));
    assertThat(Names.of(List.of(new LogEntry(9, restated, 0))))
        .containsExactly(unfinished, Keys.machine(MACHINE));
  }
}
