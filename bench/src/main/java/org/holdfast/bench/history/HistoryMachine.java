package org.holdfast.bench.history;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.holdfast.core.AccountId;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.InviteId;
import org.holdfast.core.MachineId;
import org.holdfast.core.Right;
import org.holdfast.log.LogRecord;
import org.holdfast.server.state.MachineRow;

/// A machine of a history: what it does next, and what of it waits to be deleted, or to be freed.
final class HistoryMachine {
  /// A first backup stores so many times more than later ones.
  private static final int FIRST_TIMES = 4;

  private static final int CUT_OFF_PERCENT = 2;
  private static final int UNDONE_PERCENT = 3;

  /// A backup that is deleted is so after at most as many others.
  private static final int DELETED_AFTER_MAX = 7;

  /// Blocks of backups that wait to be deleted or freed: some 300 bytes of memory each.
  private static final int WAITING_MAX = 1_000_000;

  private static final int SECRET_LENGTH = 32;
  private static final long YEAR_MILLIS = 365L * 24 * 3600 * 1000;

  private final Scene scene;
  private final MachineId id;
  private final Consumer<Act> background;
  private final Deque<Doomed> doomed = new ArrayDeque<>();
  private final Deque<Deleted> deleted = new ArrayDeque<>();
  private int backups;

  /// `background` takes what no client waits for.
  HistoryMachine(Scene scene, Consumer<Act> background) {
    this.scene = scene;
    this.id = new MachineId(scene.draw().bytes(MachineId.LENGTH));
    this.background = background;
  }

  MachineId id() {
    return id;
  }

  MachineRow row() throws HoldfastException {
    return scene.log().state().machine(id).orElseThrow();
  }

  boolean isRegistered() throws HoldfastException {
    return scene.log().state().machine(id).isPresent();
  }

  void register(AccountId account, String name) throws HoldfastException {
    Draw draw = scene.draw();
    InviteId invite = new InviteId(draw.bytes(InviteId.LENGTH));
    long expiryMillis = scene.time().wallMillis() + YEAR_MILLIS;
    scene
        .log()
        .append(
            new LogRecord.InviteMade(
                invite, account, draw.bytes(SECRET_LENGTH), name, expiryMillis));
    List<LogRecord.Credential> keys = new ArrayList<>();
    for (Right right : Right.values()) {
      keys.add(new LogRecord.Credential(right, draw.bytes(32)));
    }
    scene.log().append(new LogRecord.MachineRegistered(id, account, invite, name, keys));
    scene.log().flush();
  }

  /// With all that it keeps.
  void move(AccountId to) throws HoldfastException {
    AccountId from = row().account();
    if (!from.equals(to)) {
      scene.log().append(new LogRecord.MachineMoved(id, from, to, scene.time().wallMillis()));
    }
  }

  /// What it does next.
  Act next() {
    List<Long> due = new ArrayList<>();
    while (!doomed.isEmpty() && doomed.peek().afterBackups <= backups) {
      due.add(doomed.remove().begun);
    }
    if (!due.isEmpty()) {
      return new Deletion(scene, this, due);
    }
    backups++;
    int mean = scene.shape().backupBlocks();
    long blocks = scene.draw().count(backups == 1 ? mean * (double) FIRST_TIMES : mean);
    return new Backup(scene, this, blocks, fate(blocks));
  }

  private Backup.Fate fate(long blocks) {
    if (scene.index().size() + blocks > WAITING_MAX) {
      return Backup.Fate.KEPT;
    }
    if (scene.draw().percent(CUT_OFF_PERCENT)) {
      return Backup.Fate.CUT_OFF;
    }
    return scene.draw().percent(scene.shape().deletedPercent())
        ? Backup.Fate.DELETED
        : Backup.Fate.KEPT;
  }

  /// The backup is committed, and will not be kept.
  void willBeDeleted(long begun) {
    doomed.add(new Doomed(begun, backups + scene.draw().below(DELETED_AFTER_MAX)));
  }

  /// The deletion that record `begun` began is committed.
  void deleted(long begun, long untilMillis, List<Long> backupsTaken) {
    deleted.add(
        new Deleted(begun, untilMillis, backupsTaken, scene.draw().percent(UNDONE_PERCENT)));
  }

  /// The write transaction is cancelled.
  void isGarbage(long begun) {
    background.accept(new Freeing(scene, id, begun, List.of(begun)));
  }

  /// Brings what it has deleted to an end, if its time is over; or back.
  void settle() throws HoldfastException {
    long nowMillis = scene.time().wallMillis();
    Deleted newest = deleted.peekLast();
    if (newest != null && newest.willBeUndone) {
      deleted.removeLast();
      undo(newest, nowMillis);
      return;
    }
    Deleted oldest = deleted.peekFirst();
    if (oldest != null && oldest.untilMillis <= nowMillis) {
      deleted.removeFirst();
      if (oldest.isUndone()) {
        scene.log().append(new LogRecord.TransactionCleared(id, oldest.begun));
      } else {
        scene.log().append(new LogRecord.DeleteExpired(id, oldest.begun, nowMillis));
        background.accept(new Freeing(scene, id, oldest.begun, oldest.backups));
      }
      scene.log().flush();
    }
  }

  private void undo(Deleted deletion, long nowMillis) throws HoldfastException {
    scene.log().append(new LogRecord.DeleteUndone(id, deletion.begun, nowMillis));
    scene.log().digest();
    scene.log().flush();
    deletion.backups.forEach(scene::kept);
    scene.kept(deletion.begun);
    deleted.add(new Deleted(deletion.begun, deletion.untilMillis, List.of(), false));
  }

  /// A backup that is deleted after so many.
  private record Doomed(long begun, int afterBackups) {}

  /// A deletion that has not ended; one that was undone holds no backups any more.
  private record Deleted(long begun, long untilMillis, List<Long> backups, boolean willBeUndone) {
    boolean isUndone() {
      return backups.isEmpty();
    }
  }
}
