package org.holdfast.sim;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.holdfast.core.HoldfastException;
import org.holdfast.log.StateDigest;
import org.holdfast.seal.KeyFile;
import org.holdfast.server.Service;
import org.holdfast.server.index.MemoryIndex;
import org.jspecify.annotations.Nullable;

/// One run, from an empty bucket to the last check. All of it follows from its seed.
///
/// 1. A server starts and machines are registered, in fair weather.
/// 2. Clients back up, list and restore, while everything goes wrong at the rates of this run.
/// 3. Nothing goes wrong any more: within bounded time every client makes one more backup.
/// 4. All that was promised is restored, and every way to the state leads to one digest.
final class History {
  private static final long STEPS_MAX = 3_000_000;
  private static final long CALM_NANOS_MAX = 6L * 3600 * 1_000_000_000;

  private final Chance chance;
  private final SplittableRandom random;
  private final Size size;
  private final Loop loop;
  private final Faults faults;
  private final Faults lostCaches;
  private final SimProcess network;
  private final SimProcess operator;
  private final SimStore store;
  private final Fleet fleet;
  private final List<SimClient> clients = new ArrayList<>();
  private final List<Model> models = new ArrayList<>();
  private @Nullable Violation violation;
  private boolean isOver;

  private History(Scenario scenario, @Nullable PrintStream out) {
    chance = scenario.chance();
    random = chance.stream("history");
    size = scenario.drawn();
    loop = new Loop(chance, new Trace(out));
    faults = new Faults(scenario, loop);
    lostCaches = faults.of("clients");
    network = process("network");
    operator = process("operator");
    store = new SimStore(loop);
    fleet = new Fleet(loop, store, network, faults, chance);
  }

  /// Runs a history; prints its events if there is a stream.
  static Outcome run(Scenario scenario, @Nullable PrintStream out) {
    CheapCrypto.install();
    History history = new History(scenario, out);
    @Nullable Violation broken = null;
    try {
      history.run();
    } catch (Violation e) {
      broken = e;
    } finally {
      history.fleet.close();
      history.clients.forEach(SimClient::close);
    }
    return new Outcome(
        scenario,
        broken,
        history.loop.trace().hash(),
        history.loop.steps(),
        history.loop.nowNanos(),
        history.models.stream().mapToInt(Model::acknowledged).sum(),
        history.faults.struck());
  }

  private SimProcess process(String name) {
    return new SimProcess(name, loop, chance);
  }

  private void run() throws Violation {
    begin();
    faults.set(Rates.draw(chance.stream("rates")));
    operator.spawner().spawn("fate", this::fate);
    until(() -> clients.stream().allMatch(SimClient::isDone));
    isOver = true;
    calm();
    inspect();
  }

  private void begin() throws Violation {
    SimServer first = fleet.start();
    until(first::isServing);
    int count = 1 + random.nextInt(size.machines());
    SimClient.Rounds rounds =
        new SimClient.Rounds(
            1 + random.nextInt(size.rounds()), 1 + random.nextLong(size.pauseMillis()), false);
    during(() -> {
      for (int i = 0; i < count; i++) {
        KeyFile key = Machines.register(i, first, operator);
        Model model = new Model();
        models.add(model);
        // In some runs somebody else has the key too.
        int owners = random.nextInt(4) == 0 ? 2 : 1;
        for (int j = 0; j < owners; j++) {
          SplittableRandom luck = chance.stream("client" + clients.size());
          clients.add(new SimClient(key, model, fleet, rounds, size, operator, luck));
        }
      }
    });
    for (int i = 0; i < clients.size(); i++) {
      clients.get(i).start(process("client" + i));
    }
  }

  /// Whatever is not a bucket's or a message's own trouble.
  private void fate() {
    Rates rates = faults.rates();
    double perHour = 2 * rates.killsPerHour() + rates.pausesPerHour() + rates.jumpsPerHour();
    SplittableRandom luck = chance.stream("fate");
    try {
      while (!isOver && perHour > 0) {
        double hours = -Math.log(1 - luck.nextDouble()) / perHour;
        operator.clock().sleepMillis((long) (hours * 3_600_000) + 1);
        SplittableRandom own = luck.split();
        if (!isOver) {
          strike(rates, own.nextDouble() * perHour, own);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void strike(Rates rates, double drawn, SplittableRandom own)
      throws InterruptedException {
    if (drawn < rates.killsPerHour()) {
      if (faults.happens("killServer")) {
        fleet.restart();
      }
    } else if (drawn < 2 * rates.killsPerHour()) {
      if (faults.happens("killClient")) {
        restart(own.nextInt(clients.size()));
      }
    } else if (drawn < 2 * rates.killsPerHour() + rates.pausesPerHour()) {
      boolean happens = faults.happens("pauseServer");
      if (happens) {
        fleet.takeOver();
      }
      // Also where it is left out, so that what comes after it keeps its time.
      operator.clock().sleepMillis(own.nextLong(300_000));
      if (happens) {
        fleet.wakeAll();
      }
    } else if (faults.happens("jumpClocks")) {
      fleet.newest().process().jumpClock(own.nextLong(-3_600_000, 3_600_000));
      clients
          .get(own.nextInt(clients.size()))
          .process()
          .jumpClock(own.nextLong(-3_600_000, 3_600_000));
    }
  }

  private void restart(int number) {
    SimClient client = clients.get(number);
    if (client.isDone()) {
      return;
    }
    client.process().kill();
    if (lostCaches.strike(Rates::wiped)) {
      client.loseCache();
    }
    client.start(process("client" + number));
  }

  /// Fair weather: whoever should serve does, and every client makes another backup.
  private void calm() throws Violation {
    faults.stop();
    fleet.wakeAll();
    fleet.settle();
    long start = loop.nowNanos();
    for (int i = 0; i < clients.size(); i++) {
      clients.get(i).process().kill();
      clients.get(i).oneMore(process("client" + i));
    }
    until(() ->
        clients.stream().allMatch(SimClient::isDone) || loop.nowNanos() - start > CALM_NANOS_MAX);
    if (!clients.stream().allMatch(SimClient::isDone)) {
      throw new Violation("in fair weather a client does not finish");
    }
  }

  private void inspect() throws Violation {
    during(() -> {
      for (SimClient client : clients) {
        client.checkAll(fleet.newest());
      }
      SimServer server = fleet.newest();
      server.service().shard().awaitDurable();
      StateDigest live = server.digest();
      Service replayed =
          Service.readOnly(
              server.terms(_ -> new MemoryIndex()), new MemoryIndex(), new SimServer.Quiet());
      StateDigest again = replayed.shard().read(state -> state.digest());
      if (!live.equals(again)) {
        throw new Violation("the live digest is " + live + ", a replayed one " + again);
      }
    });
  }

  /// Runs until something holds or a promise is broken.
  private void until(java.util.function.BooleanSupplier end) throws Violation {
    loop.run(() -> end.getAsBoolean() || broken() != null, STEPS_MAX);
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
    for (SimServer server : fleet.all()) {
      if (server.failed() != null) {
        return new Violation(server.process().name() + " cannot start", server.failed());
      }
    }
    return null;
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
  record Outcome(
      Scenario scenario,
      @Nullable Violation violation,
      long hash,
      long steps,
      long nanos,
      int archives,
      List<Faults.Struck> faults) {}
}
