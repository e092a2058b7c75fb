package org.holdfast.bench.history;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.holdfast.core.AccountId;
import org.holdfast.core.HoldfastException;
import org.holdfast.log.LogRecord;

/// What happens in a service: machines that come, back up once a day and delete, several at a time;
/// background work; servers that take over from one another.
final class Life {
  /// Machines at work at a time.
  private static final int AT_WORK = 4;

  /// Blocks that one machine sends in the mean before another one's come in between: some segments.
  private static final int IN_A_ROW = 100;

  /// Of the turns, while there is something to do in the background: what is deleted must be freed
  /// as fast.
  private static final int BACKGROUND_PERCENT = 40;

  /// Of the backups, before which the machine gets another account.
  private static final int MOVED_PERCENT = 1;

  private static final int MACHINES_AN_ACCOUNT = 4;
  private static final long DAY_MILLIS = 24L * 3600 * 1000;

  private final Scene scene;
  private final List<HistoryMachine> idle = new ArrayList<>();
  private final List<Working> working = new ArrayList<>();
  private final Deque<Act> background = new ArrayDeque<>();
  private final Map<Integer, AccountId> accounts = new HashMap<>();
  private int registered;
  private int epochs;

  Life(Scene scene) {
    this.scene = scene;
    for (int i = 0; i < scene.shape().machines(); i++) {
      idle.add(new HistoryMachine(scene, background::add));
    }
  }

  /// Goes on until there are as many records as the shape says; `progress` hears now and then how
  /// many there are.
  void run(LongConsumer progress) throws HoldfastException {
    while (hasRoom()) {
      if (scene.log().records() >= epochs * (scene.shape().records() / scene.shape().epochs())
          && epochs < scene.shape().epochs()) {
        epochs++;
        scene.log().takeOver();
      }
      if (hasRoom() && working.size() < Math.min(AT_WORK, scene.shape().machines())) {
        begin();
      }
      goOn();
      progress.accept(scene.log().records());
    }
    while (scene.log().records() < scene.shape().records()) {
      scene.log().digest();
    }
    scene.log().flush();
  }

  /// Whether no step can make too many records.
  private boolean hasRoom() {
    return scene.log().records() + Act.RECORDS_MAX < scene.shape().records();
  }

  private void begin() throws HoldfastException {
    HistoryMachine machine = idle.remove(scene.draw().below(idle.size()));
    scene.time().pass(DAY_MILLIS / scene.shape().machines());
    if (machine.isRegistered()) {
      machine.settle();
      if (scene.draw().percent(MOVED_PERCENT)) {
        machine.move(account(scene.draw().below(accounts.size())));
      }
    } else {
      machine.register(account(registered / MACHINES_AN_ACCOUNT), "machine-" + registered);
      registered++;
    }
    working.add(new Working(machine, machine.next()));
  }

  private AccountId account(int number) throws HoldfastException {
    AccountId known = accounts.get(number);
    if (known != null) {
      return known;
    }
    AccountId made = new AccountId(scene.draw().bytes(AccountId.LENGTH));
    scene.log().append(new LogRecord.AccountOpened(made, "account-" + number));
    accounts.put(number, made);
    return made;
  }

  /// One machine does some of its work, or the service does some of its own.
  private void goOn() throws HoldfastException {
    for (var dead = scene.dead().next(); dead.isPresent(); dead = scene.dead().next()) {
      if (scene.draw().percent(scene.shape().cleanedPercent())) {
        background.add(new Cleaning(scene, dead.get()));
      }
    }
    if (!background.isEmpty() && scene.draw().percent(BACKGROUND_PERCENT)) {
      if (!goOn(background.getFirst())) {
        background.removeFirst();
      }
      return;
    }
    int chosen = scene.draw().below(working.size());
    if (!goOn(working.get(chosen).act)) {
      idle.add(working.remove(chosen).machine);
    }
  }

  private boolean goOn(Act act) throws HoldfastException {
    long steps = scene.draw().count(IN_A_ROW);
    boolean goesOn = true;
    for (long i = 0; i < steps && goesOn && hasRoom(); i++) {
      goesOn = act.step();
      scene.time().pass(1);
    }
    return goesOn;
  }

  private record Working(HistoryMachine machine, Act act) {}
}
