package org.holdfast.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import org.holdfast.core.Invariant;
import org.jspecify.annotations.Nullable;

/// Whatever befalls processes, disks, clocks and the store, at the rates of the run.
final class Fate {
  /// The kinds of faults that happen here; all others are shares of [Rates].
  static final List<String> KINDS =
      List.of(
          "killServer",
          "killClient",
          "pauseServer",
          "pauseClient",
          "jumpClocks",
          "outage",
          "spell",
          "decay",
          "spoil",
          "fullDisk");

  private static final double AUDITS_PER_HOUR = 10;
  private static final double MANY_AUDITS_PER_HOUR = 40;

  /// About what a backup takes.
  private static final int STEPS_MAX = 200;

  private static final Weather.Outage[] OUTAGES = Weather.Outage.values();
  private static final Weather.Spell[] SPELLS = Weather.Spell.values();

  private final World world;
  private final Fleet fleet;
  private final List<SimClient> clients;
  private final SimProcess operator;
  private final IntFunction<SimProcess> clientProcess;
  private final Faults lostCaches;
  private SplittableRandom random;
  private final Audit audit;
  private @Nullable Violation violation;
  private boolean isOver;

  /// `clientProcess` makes the process that a client goes on in.
  Fate(
      World world,
      Fleet fleet,
      List<SimClient> clients,
      SimProcess operator,
      IntFunction<SimProcess> clientProcess) {
    this.world = world;
    this.fleet = fleet;
    this.clients = clients;
    this.operator = operator;
    this.clientProcess = clientProcess;
    this.random = world.chance().stream("fate");
    this.lostCaches = world.faults().of("clients");
    this.audit = new Audit(world);
  }

  /// Strikes until it is over.
  void begin() {
    for (int i = 0; i < clients.size(); i++) {
      int number = i;
      clients.get(i).disk().whenKilled(() -> startAgain(number));
    }
    operator.spawner().spawn("fate", this::run);
    operator.spawner().spawn("audits", this::audit);
  }

  /// Nothing happens any more.
  void end() {
    isOver = true;
  }

  @Nullable Violation violation() {
    return violation != null ? violation : audit.violation();
  }

  private void run() {
    Rates rates = world.faults().rates();
    Choice choice = new Choice();
    choice.add("killServer", rates.killsPerHour(), fleet::restart);
    choice.add("killClient", rates.killsPerHour(), this::killClient);
    choice.add("pauseServer", rates.pausesPerHour(), this::pauseServer);
    choice.add("pauseClient", rates.napsPerHour(), this::pauseClient);
    choice.add("jumpClocks", rates.jumpsPerHour(), this::jump);
    choice.add(
        "outage", rates.outagesPerHour(), () -> world.weather().begin(outage(), millis(120_000)));
    choice.add("spell", rates.spellsPerHour(), this::castSpell);
    choice.add("decay", rates.decaysPerHour(), this::decay);
    choice.add("fullDisk", rates.fullPerHour(), this::fill);
    if (world.setting().makesImages()) {
      choice.add("spoil", rates.spoilsPerHour(), this::spoil);
    }
    if (choice.sum == 0) {
      return;
    }
    SplittableRandom times = world.chance().stream("fate's times");
    try {
      while (!isOver) {
        operator.clock().sleepMillis(pauseMillis(times, choice.sum));
        random = times.split();
        Blow blow = choice.draw(random.nextDouble() * choice.sum);
        if (!isOver && world.faults().happens(blow.kind)) {
          soon(random, blow.effect);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// No fault, and nothing that faults follow from: when it looks is drawn apart from them.
  private void audit() {
    SplittableRandom luck = world.chance().stream("audits");
    double perHour = world.setting().cleansMuch() ? MANY_AUDITS_PER_HOUR : AUDITS_PER_HOUR;
    try {
      operator.clock().sleepMillis(pauseMillis(luck, perHour));
      while (!isOver) {
        soon(luck, () -> audit.look(fleet));
        operator.clock().sleepMillis(pauseMillis(luck, perHour));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static long pauseMillis(SplittableRandom random, double perHour) {
    return (long) (-Math.log(1 - random.nextDouble()) / perHour * 3_600_000) + 1;
  }

  /// Now, when all wait for something, or soon after, when some are in the middle of something.
  private void soon(SplittableRandom luck, Runnable effect) {
    if (luck.nextBoolean()) {
      effect.run();
      return;
    }
    world
        .loop()
        .afterSteps(
            luck.nextInt(STEPS_MAX),
            () -> {
              if (!isOver) {
                effect.run();
              }
            });
  }

  private Weather.Outage outage() {
    return OUTAGES[random.nextInt(OUTAGES.length)];
  }

  /// Mostly short.
  private long millis(long mean) {
    return 1 + (long) (-Math.log(1 - random.nextDouble()) * mean);
  }

  private void killClient() {
    int number = random.nextInt(clients.size());
    SimClient client = clients.get(number);
    // One that has just died at its disk is started again for that, and not twice.
    if (client.isDone() || client.process().isDead()) {
      return;
    }
    client.process().kill();
    startAgain(number);
  }

  /// Its process was killed: here, or at something that it did to its disk.
  private void startAgain(int number) {
    SimClient client = clients.get(number);
    fleet.hangUp(client.process());
    client.disk().crash();
    if (lostCaches.strike(Rates::wiped)) {
      client.disk().lose(client.process());
    }
    client.start(clientProcess.apply(number));
  }

  private void pauseServer() {
    SimProcess sleeper = fleet.takeOver();
    wake(sleeper, random.nextLong(300_000));
  }

  private void wake(SimProcess sleeper, long afterMillis) {
    world
        .loop()
        .at(
            world.loop().nowNanos() + afterMillis * 1_000_000,
            () -> {
              if (!sleeper.isDead() && sleeper.isPaused()) {
                sleeper.resume();
              }
            });
  }

  private void pauseClient() {
    SimProcess sleeper = clients.get(random.nextInt(clients.size())).process();
    if (!sleeper.isDead() && !sleeper.isPaused()) {
      sleeper.pause();
      wake(sleeper, millis(120_000));
    }
  }

  private void jump() {
    fleet.newest().process().jumpClock(random.nextLong(-3_600_000, 3_600_000));
    clients
        .get(random.nextInt(clients.size()))
        .process()
        .jumpClock(random.nextLong(-3_600_000, 3_600_000));
  }

  private void castSpell() {
    long patience = world.setting().patienceMillis();
    Weather.Spell spell = SPELLS[random.nextInt(SPELLS.length)];
    boolean isLong = random.nextDouble() < world.faults().rates().longSpell();
    long millis = isLong ? millis(2 * patience) : 1 + random.nextLong(patience / 2);
    world
        .store()
        .someKey(random.nextInt(Integer.MAX_VALUE))
        .ifPresent(key -> world.weather().cast(key, spell, millis));
  }

  /// Of a block that can be seen: rather not the keys of a run, which stop a machine's backups.
  private void decay() {
    int nth = random.nextInt(Integer.MAX_VALUE);
    boolean isKeysToo = random.nextInt(8) == 0;
    boolean isLookedFor = random.nextBoolean();
    try {
      Optional<Ledger.Stored> some = world.ledger().blocks().someVisible(nth, isKeysToo);
      if (some.isPresent()) {
        Ledger.Stored copy = some.get();
        int at = copy.headerLength() + copy.dataOffset() + nth % copy.length();
        world.weather().decay(copy.segment().key(), at);
        if (isLookedFor) {
          fleet.newest().chores().ifPresent(Chores::scrub);
        }
      }
    } catch (Violation e) {
      violation = e;
    }
  }

  /// What images are made of may be lost for good: it can be made again.
  private void spoil() {
    boolean isLost = random.nextBoolean();
    int nth = random.nextInt(Integer.MAX_VALUE);
    Optional<String> some = world.store().someKey("i/", nth);
    if (some.isEmpty()) {
      return;
    }
    byte[] object = world.store().whole(some.get());
    if (isLost) {
      var _ = world.store().delete(some.get());
    } else if (object != null && object.length > 0) {
      world.weather().decay(some.get(), nth % object.length);
    }
  }

  private void fill() {
    if (random.nextBoolean()) {
      fleet.fillDisk(millis(60_000));
    } else {
      SimClient client = clients.get(random.nextInt(clients.size()));
      client.disk().fill(client.process(), millis(60_000));
    }
  }

  private record Blow(String kind, double perHour, Runnable effect) {}

  /// One of several, each as often as it should be.
  private static final class Choice {
    private final List<Blow> all = new ArrayList<>();
    private double sum;

    void add(String kind, double perHour, Runnable effect) {
      Invariant.check(KINDS.contains(kind), "a kind is known");
      all.add(new Blow(kind, perHour, effect));
      sum += perHour;
    }

    Blow draw(double drawn) {
      double left = drawn;
      for (Blow each : all) {
        left -= each.perHour;
        if (left < 0) {
          return each;
        }
      }
      return all.getLast();
    }
  }
}
