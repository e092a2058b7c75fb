package org.holdfast.sim;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.holdfast.core.HoldfastException;
import org.holdfast.seal.KeyFile;
import org.jspecify.annotations.Nullable;

/// One run, from an empty bucket to the last check. All of it follows from its seed.
///
/// 1. A server starts and machines are registered, in fair weather.
/// 2. Clients back up, list and restore, while everything goes wrong at the rates of this run.
/// 3. Nothing goes wrong any more, in half of the runs in the middle of what is under way: that
///    ends within bounded time, and every client makes one more backup.
/// 4. All that was promised is restored, and every way to the state leads to one digest.
final class History {
  private static final long STEPS_MAX = 3_000_000;

  /// So long it goes on raining at most; some 5,000 are usual.
  private static final long BAD_STEPS_MAX = 500_000;

  private static final long HOUR_NANOS = 3_600_000_000_000L;
  private static final long CALM_NANOS_MAX = 2 * HOUR_NANOS;

  private static final int LONG_ROUNDS = 3;

  /// About what a backup takes.
  private static final int MIDDLE_STEPS_MAX = 400;

  /// Whatever happens, nobody waits longer than that for the end of a phase.
  private static final long PHASE_NANOS_MAX = 240 * HOUR_NANOS;

  private final Chance chance;
  private final SplittableRandom random;
  private final Size size;
  private final Loop loop;
  private final SimProcess operator;
  private final World world;
  private final Fleet fleet;
  private final Fate fate;
  private final List<SimClient> clients = new ArrayList<>();
  private final List<Model> models = new ArrayList<>();
  private @Nullable Violation violation;

  private History(Scenario scenario, @Nullable PrintStream out) {
    chance = scenario.chance();
    random = chance.stream("history");
    size = scenario.drawn();
    loop = new Loop(chance, new Trace(out));
    SimProcess network = process("network");
    operator = process("operator");
    SimStore store = new SimStore(loop);
    Weather weather = new Weather(loop);
    Setting setting = Setting.draw(chance.stream("setting"));
    Ledger ledger = new Ledger(store);
    Images images = new Images(store, ledger);
    store.whenPut(images::put);
    world =
        new World(
            chance,
            loop,
            store,
            ledger,
            images,
            weather,
            new Mishaps(loop, setting.patienceMillis()),
            new Faults(scenario, loop),
            setting,
            new Endings(loop, store, weather, setting),
            new HashSet<>(),
            network);
    fleet = new Fleet(world);
    fate = new Fate(world, fleet, clients, operator, number -> process("client" + number));
  }

  /// Runs a history; prints its events if there is a stream.
  static Outcome run(Scenario scenario, @Nullable PrintStream out) {
    CheapCrypto.install();
    History history = new History(scenario, out);
    @Nullable Violation broken = history.play();
    return new Outcome(
        scenario,
        broken,
        history.loop.trace().hash(),
        history.loop.steps(),
        history.loop.nowNanos(),
        history.models.stream().mapToInt(Model::acknowledged).sum(),
        history.world.faults().struck(),
        history.world.images().made(),
        history.world.images().taken(),
        history.world.images().left());
  }

  /// What was broken; null if nothing was.
  private @Nullable Violation play() {
    try {
      run();
      return null;
    } catch (Violation e) {
      return e;
    } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
      return new Violation("the run ends with a defect", e);
    }
  }

  private SimProcess process(String name) {
    return new SimProcess(name, loop, chance);
  }

  private void run() throws Violation {
    Rates rates = Rates.draw(chance.stream("rates"));
    begin(rates.decaysPerHour() > 0 || world.setting().cleansMuch());
    world.faults().set(rates);
    operator.note(world.setting() + " " + world.faults().rates());
    world.endings().bad();
    fate.begin();
    fleet.watch();
    SplittableRandom middle = chance.stream("middle");
    if (middle.nextBoolean()) {
      goOnFromTheMiddle(middle);
    } else {
      // There is bad weather in which nothing can succeed.
      until(() -> areClientsDone() || loop.steps() > BAD_STEPS_MAX);
      if (areClientsDone()) {
        clearUp();
      } else {
        turnFair();
      }
    }
    calm();
    inspect();
  }

  /// The weather gets fair while work is under way. It must end, with the processes that there are,
  /// and what comes next must succeed.
  private void goOnFromTheMiddle(SplittableRandom middle) throws Violation {
    boolean[] isReached = new boolean[1];
    long dueNanos = loop.nowNanos() + 1_000_000 * (1 + middle.nextLong(2 * size.pauseMillis()));
    int steps = middle.nextInt(MIDDLE_STEPS_MAX);
    loop.at(dueNanos, () -> loop.afterSteps(steps, () -> isReached[0] = true));
    until(() -> isReached[0] || areClientsDone());
    turnFair();
  }

  private void turnFair() throws Violation {
    operator.note("the weather gets fair in the middle");
    clearUp();
    clients.forEach(SimClient::finish);
    awaitClients();
    until(world.endings()::areOldOver);
  }

  private boolean areClientsDone() {
    return clients.stream().allMatch(SimClient::isDone);
  }

  /// Nothing goes wrong any more; whoever sleeps wakes up.
  private void clearUp() {
    fate.end();
    world.faults().stop();
    world.weather().clear();
    world.store().forget();
    fleet.makeRoom();
    fleet.wakeAll();
    for (SimClient client : clients) {
      client.disk().makeRoom();
      if (client.process().isPaused() && !client.process().isDead()) {
        client.process().resume();
      }
    }
    world.endings().fair();
  }

  /// They make what they have to make, well within the time that they have.
  private void awaitClients() throws Violation {
    long start = loop.nowNanos();
    until(() -> areClientsDone() || loop.nowNanos() - start > CALM_NANOS_MAX);
    if (!areClientsDone()) {
      throw new Violation("in fair weather a client does not finish");
    }
  }

  /// Where what is stored decays, or is cleaned, backups follow that need it.
  private void begin(boolean isLong) throws Violation {
    SimServer first = fleet.start();
    until(first::isServing);
    int count = 1 + random.nextInt(size.machines());
    // In some runs all come at the same time, and again at once.
    long pauseMillis = 1 + random.nextLong(random.nextInt(3) == 0 ? 1_000 : size.pauseMillis());
    // In some runs clients do little but delete and bring back.
    boolean isTidy = random.nextInt(3) == 0 || world.setting().cleansMuch();
    SimClient.Rounds rounds =
        new SimClient.Rounds(
            (isTidy ? 2 : 1) + (isLong ? LONG_ROUNDS : 0) + random.nextInt(size.rounds()),
            pauseMillis,
            isTidy ? 4 : 1,
            false);
    during(() -> {
      for (int i = 0; i < count; i++) {
        KeyFile key = Machines.register(i, first, operator);
        Model model = new Model();
        models.add(model);
        // In some runs somebody else has the key too.
        int owners = random.nextInt(3) == 0 ? 2 : 1;
        for (int j = 0; j < owners; j++) {
          SplittableRandom luck = chance.stream("client" + clients.size());
          ClientDisk disk = new ClientDisk(world, "client" + clients.size());
          clients.add(new SimClient(key, model, fleet, rounds, size, operator, disk, luck));
        }
      }
    });
    for (int i = 0; i < clients.size(); i++) {
      clients.get(i).start(process("client" + i));
    }
  }

  /// Fair weather: whoever should serve does, and every client makes another backup.
  private void calm() throws Violation {
    operator.note("all is well from here on");
    fleet.settle();
    for (int i = 0; i < clients.size(); i++) {
      SimClient client = clients.get(i);
      client.process().kill();
      fleet.hangUp(client.process());
      client.oneMore(process("client" + i));
    }
    awaitClients();
    for (SimClient client : clients) {
      client.process().kill();
      fleet.hangUp(client.process());
    }
  }

  private void inspect() throws Violation {
    during(() -> {
      for (SimClient client : clients) {
        client.checkAll(fleet.newest(), operator);
      }
      new Inspection(world, operator, fleet.newest()).run();
    });
  }

  /// Runs until something holds or a promise is broken.
  private void until(BooleanSupplier end) throws Violation {
    loop.run(() -> end.getAsBoolean() || broken() != null, STEPS_MAX, PHASE_NANOS_MAX);
    Violation found = broken();
    if (found != null) {
      throw found;
    }
  }

  private @Nullable Violation broken() {
    if (violation != null) {
      return violation;
    }
    for (SimClient client : clients) {
      if (client.violation() != null) {
        return client.violation();
      }
    }
    if (world.images().violation() != null) {
      return world.images().violation();
    }
    return fleet.violation() != null ? fleet.violation() : fate.violation();
  }

  /// Does something that waits, as the operator, and runs everything meanwhile.
  private void during(Work work) throws Violation {
    boolean[] isDone = new boolean[1];
    operator
        .spawner()
        .spawn(
            "work",
            () -> {
              try {
                work.run();
              } catch (Violation e) {
                violation = e;
              } catch (HoldfastException | InterruptedException | RuntimeException | Error e) {
                violation = new Violation("the operator fails", e);
              }
              isDone[0] = true;
            });
    until(() -> isDone[0]);
  }

  private interface Work {
    void run() throws HoldfastException, InterruptedException, Violation;
  }

  /// What came of a run.
  ///
  /// @param hash of all its events
  /// @param nanos of simulated time
  /// @param archives that were acknowledged
  /// @param faults that happened, in their order
  /// @param imagesMade of the index, that were put into the bucket
  /// @param imagesTaken by starts of servers
  /// @param imagesLeft by starts that could not use them
  record Outcome(
      Scenario scenario,
      @Nullable Violation violation,
      long hash,
      long steps,
      long nanos,
      int archives,
      List<Faults.Struck> faults,
      long imagesMade,
      long imagesTaken,
      long imagesLeft) {}
}
