package org.holdfast.cli.process;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.holdfast.core.Clock;
import org.holdfast.core.ConflictException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Right;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.core.UnavailableException;
import org.holdfast.protocol.BlockRef;
import org.holdfast.stores.Fault;
import org.holdfast.stores.Weather;

/// `incidents/2011-memory`, with a server in a process of its own on a store in S3 that is slow
/// both ways and fails now and then: ten times what it can take is offered to it without end, by
/// machines of which half are cut off again and again, while another restores.
///
/// Throws an [AssertionError] that says why if something is not as it must be.
final class ServeOverload {
  /// Of what it takes under a moderate load, so much is offered.
  private static final int TIMES = 10;

  /// Restores have at least this part of their rate without load: one over it. In a minute or less
  /// whatever else the machine does may fall on one side only: then that they are served is enough.
  private static final int RESTORES_SHARE = 10;

  private static final int SHORT_SECONDS = 60;

  /// What is taken stays at least this part of the capacity: one over it.
  private static final int TAKEN_SHARE = 4;

  /// A heap may hold so much more than the budgets say, in bytes: what the server needs for itself,
  /// its sessions, and what has moved between two looks.
  private static final long LIVE_SLACK = 96 << 20;

  private static final int WRITERS = 12;
  private static final int ACCOUNTS = 4;
  private static final int KNOCKERS = 16;
  private static final int RESTORED_BLOCKS = 200;
  private static final int BLOCKS_A_FETCH = 4;
  private static final int BLOCKS_A_BACKUP = 16;
  private static final int CUT_MILLIS = 300;
  private static final int BACK_MILLIS = 100;
  private static final int LOOKS = 10;
  private static final int AFTERWARDS_SECONDS = 180;
  private static final Weather SLOW =
      Weather.CALM
          .withSeed(2011)
          .withBandwidth(6 << 20, 24 << 20)
          .withLatency(5, 50)
          .with(Fault.INTERNAL_ERROR, 0.02)
          .with(Fault.RESET, 0.01);

  private static final Clock CLOCK = new SystemClock();
  private static final Spawner SPAWNER = Spawner.virtual();

  private final S3Service store;
  private final LoadedServer server;
  private final int seconds;
  private final List<LoadMachine> writers = new ArrayList<>();
  private final List<LoadMachine> knockers = new ArrayList<>();
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private final AtomicLong sentBytes = new AtomicLong();
  private final AtomicLong takenBytes = new AtomicLong();
  private final AtomicLong restoredBlocks = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong vanished = new AtomicLong();
  private volatile boolean over;
  private volatile long loadNanos;
  private volatile long endNanos;
  private volatile double capacity;

  private ServeOverload(S3Service store, LoadedServer server, int seconds) {
    this.store = store;
    this.server = server;
    this.seconds = seconds;
  }

  /// Plays it, so many seconds of them under load, and answers what was seen.
  static String play(Path home, int seconds) throws Exception {
    Program program = new Program(Files.createDirectories(home)).lasting(3600);
    try (S3Service store = S3Service.start(program, home);
        LoadedServer server =
            LoadedServer.start(store.program(), home, "s3://" + S3Service.BUCKET)) {
      return new ServeOverload(store, server, seconds).play();
    }
  }

  private String play() throws Exception {
    LoadMachine reader = machine("reader");
    List<BlockRef> blocks = backUp(reader);
    for (int i = 0; i < WRITERS; i++) {
      writers.add(machine("account" + i % ACCOUNTS));
    }
    for (int i = 0; i < KNOCKERS; i++) {
      knockers.add(machine("knockers"));
    }
    LoadMachine moderate = machine("moderate");
    store.proxy().weather(SLOW);
    int calmSeconds = Math.clamp(seconds / 10, 3, 20);
    capacity = capacity(moderate, calmSeconds);
    reader.connect(Right.READ);
    restoresASecond(reader, blocks, 2);
    double before = restoresASecond(reader, blocks, calmSeconds);
    Resident resident = load(reader, blocks);
    double loaded = restoredBlocks.get() / elapsedSeconds();
    String offers = offers();
    awaitEmpty();
    store.proxy().weather(SLOW);
    double after = restoresASecond(reader, blocks, calmSeconds);
    double unloaded = (before + after) / 2;
    String restores =
        "restores of different blocks: %.1f a second under load, %.1f before, %.1f after: %.0f %%"
            .formatted(loaded, before, after, 100 * loaded / unloaded);
    String seen = String.join("\n", offers, resident.toString(), restores);
    check(loaded > 0, "no restore was served\n" + seen);
    check(
        seconds <= SHORT_SECONDS || loaded * RESTORES_SHARE >= unloaded,
        "restores starve: they are to have 1/" + RESTORES_SHARE + " of their rate\n" + seen);
    resident.check(seen);
    return seen;
  }

  private LoadMachine machine(String account) throws Exception {
    return new LoadMachine(server.port(), server.invite(account));
  }

  private static List<BlockRef> backUp(LoadMachine machine) throws Exception {
    SplittableRandom random = new SplittableRandom(1);
    List<BlockRef> blocks = new ArrayList<>();
    machine.connect(Right.WRITE);
    machine.begin();
    for (int i = 0; i < RESTORED_BLOCKS; i++) {
      blocks.add(machine.store(length(random)));
    }
    machine.commit();
    machine.leave();
    return blocks;
  }

  private static int length(SplittableRandom random) {
    return random.nextInt(LoadMachine.BLOCK_LENGTH_MIN, LoadMachine.BLOCK_LENGTH_MAX);
  }

  /// What one machine that makes one backup after the other stores, in bytes a second.
  private static double capacity(LoadMachine machine, int seconds) throws Exception {
    SplittableRandom random = new SplittableRandom(2);
    machine.connect(Right.WRITE);
    long bytes = 0;
    long start = CLOCK.nanos();
    while (CLOCK.nanos() - start < seconds * 1e9) {
      machine.begin();
      for (int i = 0; i < BLOCKS_A_BACKUP; i++) {
        int length = length(random);
        machine.store(length);
        bytes += length;
      }
      machine.commit();
    }
    double rate = bytes * 1e9 / (CLOCK.nanos() - start);
    machine.leave();
    return rate;
  }

  private Resident load(LoadMachine reader, List<BlockRef> blocks) throws Exception {
    loadNanos = CLOCK.nanos();
    List<Thread> threads = new ArrayList<>();
    for (LoadMachine each : writers) {
      long seed = threads.size();
      threads.add(SPAWNER.spawn("writer", () -> report(() -> write(each, seed))));
    }
    for (LoadMachine each : knockers) {
      threads.add(SPAWNER.spawn("knocker", () -> report(() -> knock(each))));
    }
    threads.add(SPAWNER.spawn("reader", () -> report(() -> restore(reader, blocks))));
    threads.add(SPAWNER.spawn("cutter", () -> report(this::cut)));
    Resident resident = new Resident(server.residentBytes());
    long halfBytes = 0;
    double halfSeconds = 0;
    double lookSeconds = 0;
    while (elapsedSeconds() < seconds) {
      CLOCK.sleepMillis(1000);
      checkHealth();
      resident.add(server.residentBytes());
      if (elapsedSeconds() - lookSeconds > Math.max(5, seconds / LOOKS)) {
        checkLive(resident);
        lookSeconds = elapsedSeconds();
      }
      if (halfSeconds == 0 && elapsedSeconds() >= seconds / 2.0) {
        halfBytes = written();
        halfSeconds = elapsedSeconds();
      }
    }
    double late = (written() - halfBytes) / (elapsedSeconds() - halfSeconds);
    endNanos = CLOCK.nanos();
    over = true;
    check(
        seconds <= SHORT_SECONDS || late * TAKEN_SHARE >= capacity,
        "memory is gone: the server takes nearly nothing in the second half: %s a second of %s%n%s"
            .formatted(mib(late), mib(capacity), offers()));
    store.proxy().weather(Weather.CALM);
    writers.forEach(LoadMachine::vanish);
    knockers.forEach(LoadMachine::vanish);
    for (Thread each : threads) {
      each.join();
    }
    return resident;
  }

  /// Open loop: what is due does not wait for what was sent before.
  private double offeredBytes() {
    return TIMES * capacity * elapsedSeconds();
  }

  private double elapsedSeconds() {
    return ((over ? endNanos : CLOCK.nanos()) - loadNanos) / 1e9;
  }

  private void write(LoadMachine machine, long seed) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    while (!over) {
      try {
        machine.connect(Right.WRITE);
        while (!over) {
          backUp(machine, random);
        }
      } catch (UnavailableException | ConflictException e) {
        refused.incrementAndGet();
        CLOCK.sleepMillis(BACK_MILLIS);
      } finally {
        machine.vanish();
      }
    }
  }

  private void backUp(LoadMachine machine, SplittableRandom random) throws Exception {
    machine.begin();
    long bytes = 0;
    for (int i = 0; i < BLOCKS_A_BACKUP && !over; i++) {
      int length = length(random);
      while (sentBytes.get() + length > offeredBytes()) {
        CLOCK.sleepMillis(1);
      }
      machine.store(length);
      sentBytes.addAndGet(length);
      bytes += length;
    }
    machine.commit();
    takenBytes.addAndGet(bytes);
  }

  /// Half of the writers are cut off again and again, with all that they have sent.
  private void cut() throws Exception {
    for (int next = 0; !over; next = (next + 2) % WRITERS) {
      CLOCK.sleepMillis(CUT_MILLIS);
      writers.get(next).vanish();
      vanished.incrementAndGet();
    }
  }

  /// Sessions that do nothing, more than there are places.
  private void knock(LoadMachine machine) throws Exception {
    while (!over) {
      try {
        machine.connect();
      } catch (UnavailableException e) {
        refused.incrementAndGet();
      }
      CLOCK.sleepMillis(1000);
      machine.vanish();
    }
  }

  private void restore(LoadMachine machine, List<BlockRef> blocks) throws Exception {
    SplittableRandom random = new SplittableRandom(3);
    while (!over) {
      machine.fetch(some(blocks, random));
      restoredBlocks.addAndGet(BLOCKS_A_FETCH);
    }
  }

  private static List<BlockRef> some(List<BlockRef> blocks, SplittableRandom random) {
    return random.ints(BLOCKS_A_FETCH, 0, blocks.size()).mapToObj(blocks::get).toList();
  }

  private static double restoresASecond(LoadMachine machine, List<BlockRef> blocks, int seconds)
      throws HoldfastException {
    SplittableRandom random = new SplittableRandom(4);
    long start = CLOCK.nanos();
    int done = 0;
    while (CLOCK.nanos() - start < seconds * 1e9) {
      machine.fetch(some(blocks, random));
      done += BLOCKS_A_FETCH;
    }
    return done * 1e9 / (CLOCK.nanos() - start);
  }

  private long written() throws Exception {
    return Long.parseLong(server.status().get("bucket_bytes_written"));
  }

  /// What is in the heap is what the budgets know of: nobody keeps what was dropped.
  private void checkLive(Resident resident) throws Exception {
    long held = LoadedServer.heldBytes(server.status());
    long live = server.liveBytes();
    held = Math.max(held, LoadedServer.heldBytes(server.status()));
    resident.look(live, held);
    check(
        live <= held + LIVE_SLACK && live <= LoadedServer.needBytes(),
        "the heap holds %s, its budgets know of %s: something is kept%n%s"
            .formatted(mib(live), mib(held), offers()));
  }

  private void checkHealth() {
    check(server.isAlive(), "the server has ended: " + server.errors());
    check(
        server.errors().stream()
            .noneMatch(line -> line.contains("STOPPED TAKING") || line.contains("OutOfMemory")),
        "the server does not serve any more: " + server.errors());
    if (!failures.isEmpty()) {
      throw new AssertionError("somebody failed", failures.getFirst());
    }
  }

  private void awaitEmpty() throws Exception {
    long start = CLOCK.nanos();
    Map<String, String> status = server.status();
    while (LoadedServer.heldBytes(status) > 0) {
      check(
          CLOCK.nanos() - start < AFTERWARDS_SECONDS * 1e9,
          "memory is gone: it is not given back when all have left: " + status);
      CLOCK.sleepMillis(200);
      status = server.status();
    }
  }

  private String offers() {
    double elapsed = elapsedSeconds();
    return """
    %.0f s; capacity %s a second (one machine), offered %s a second: %d times capacity;\
     let in %s a second (%.1f times), of it in backups that ended well %s; held back %s a second;\
     sessions refused or cut %d, cuts %d\
    """
        .formatted(
            elapsed,
            mib(capacity),
            mib(offeredBytes() / elapsed),
            TIMES,
            mib(sentBytes.get() / elapsed),
            sentBytes.get() / elapsed / capacity,
            mib(takenBytes.get() / elapsed),
            mib((offeredBytes() - sentBytes.get()) / elapsed),
            refused.get(),
            vanished.get());
  }

  private void report(Work work) {
    try {
      work.run();
    } catch (Throwable e) {
      if (!over) {
        failures.add(e);
      }
    }
  }

  static String mib(double bytes) {
    return "%.1f MiB".formatted(bytes / (1 << 20));
  }

  static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  /// `java org.holdfast.cli.process.ServeOverload FOLDER SECONDS`
  public static void main(String[] words) throws Exception {
    try {
      System.out.println(
          "2011-memory, serve: " + play(Path.of(words[0]), Integer.parseInt(words[1])));
      System.exit(0);
    } catch (AssertionError e) {
      System.out.println("2011-memory, serve: FAILS: " + e.getMessage());
      if (e.getCause() != null) {
        e.printStackTrace(System.out);
      }
      System.exit(1);
    }
  }

  private interface Work {
    void run() throws Exception;
  }
}
