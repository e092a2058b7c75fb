package org.holdfast.sim;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.holdfast.core.MachineId;
import org.holdfast.log.LogRecord;

/// How far each deletion has come by the log, what it has taken, and what is still to be freed, by
/// rules as simple as those of the [Ledger] that reads the log.
///
/// - What a deletion has taken is hidden from its commit until it is undone. It is undone before it
///   expires or never.
/// - It does not expire before its time, nor before an earlier one of its machine.
/// - A transaction that has left something behind is cleared once, when nothing of it is left.
///
/// A deletion is known by the record that began it, a copy of a block by the one that stored it.
final class Deletions {
  private final NavigableMap<Long, Deletion> all = new TreeMap<>();
  private final Map<Long, Long> takenBy = new HashMap<>();
  private final Map<Long, Long> shownAgain = new HashMap<>();
  private final Set<Long> uncleared = new HashSet<>();

  void begun(MachineId machine, long number) {
    all.put(number, new Deletion(machine));
  }

  void cancelled(long begun) {
    all.remove(begun);
  }

  /// A deletion names a copy.
  void take(long copy, long begun) {
    takenBy.put(copy, begun);
  }

  void committed(LogRecord.DeleteCommitted made, long number) throws Violation {
    Deletion deletion = at(made.begun(), Stage.OPEN, made);
    deletion.stage = Stage.COMMITTED;
    deletion.untilMillis = made.untilMillis();
    deletion.hiddenSince = number;
  }

  void undone(LogRecord.DeleteUndone made, long number) throws Violation {
    at(made.begun(), Stage.COMMITTED, made).stage = Stage.UNDONE;
    takenBy.forEach((copy, begun) -> {
      if (begun == made.begun()) {
        shownAgain.put(copy, number);
      }
    });
  }

  void expired(LogRecord.DeleteExpired made) throws Violation {
    Deletion deletion = at(made.begun(), Stage.COMMITTED, made);
    if (made.timeMillis() < deletion.untilMillis) {
      throw new Violation("a deletion ends before its time: " + made);
    }
    if (isBehindAnother(made.begun(), deletion)) {
      throw new Violation("a deletion ends before an earlier one: " + made);
    }
    deletion.stage = Stage.EXPIRED;
    uncleared.add(made.begun());
  }

  private Deletion at(long begun, Stage stage, LogRecord record) throws Violation {
    Deletion deletion = all.get(begun);
    if (deletion == null || deletion.stage != stage) {
      throw new Violation("no deletion is " + stage + ": " + record);
    }
    return deletion;
  }

  private boolean isBehindAnother(long begun, Deletion deletion) {
    return all.headMap(begun).values().stream()
        .anyMatch(each -> each.stage == Stage.COMMITTED && each.machine.equals(deletion.machine));
  }

  /// A write transaction has ended, and may have left something behind.
  void abandoned(long begun) {
    uncleared.add(begun);
  }

  void cleared(long begun) {
    uncleared.remove(begun);
  }

  boolean isUndone(long begun) {
    return all.getOrDefault(begun, Deletion.NONE).stage == Stage.UNDONE;
  }

  /// Whether there is something to do for who frees: transactions that are to be cleared, or a
  /// deletion whose time is over by then and none comes before it.
  boolean areDue(long nowMillis) {
    return !uncleared.isEmpty()
        || all.entrySet().stream()
            .anyMatch(each ->
                each.getValue().stage == Stage.COMMITTED
                    && each.getValue().untilMillis <= nowMillis
                    && !isBehindAnother(each.getKey(), each.getValue()));
  }

  /// The deletion that has named a copy last; 0 if none has.
  long of(long copy) {
    return takenBy.getOrDefault(copy, 0L);
  }

  boolean isHidden(long copy) {
    Stage stage = stage(copy);
    return stage == Stage.COMMITTED || stage == Stage.EXPIRED;
  }

  /// Whether it cannot be brought back.
  boolean isOver(long copy) {
    return stage(copy) == Stage.EXPIRED;
  }

  /// The record since which a copy that is hidden is so.
  long hiddenSince(long copy) {
    return at(copy).hiddenSince;
  }

  /// The record that has shown a copy again, the last one if there are several; 0 if none has.
  long shownAgain(long copy) {
    return shownAgain.getOrDefault(copy, 0L);
  }

  private Stage stage(long copy) {
    return at(copy).stage;
  }

  private Deletion at(long copy) {
    return all.getOrDefault(of(copy), Deletion.NONE);
  }

  private enum Stage {
    OPEN,
    COMMITTED,
    UNDONE,
    EXPIRED
  }

  private static final class Deletion {
    static final Deletion NONE = new Deletion(MachineId.of(new byte[MachineId.LENGTH]));

    final MachineId machine;
    Stage stage = Stage.OPEN;
    long untilMillis = Long.MAX_VALUE;
    long hiddenSince;

    Deletion(MachineId machine) {
      this.machine = machine;
    }
  }
}
