package org.holdfast.server;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.holdfast.bucket.BucketAddress;
import org.holdfast.bucket.Buckets;
import org.holdfast.bucket.S3Settings;
import org.holdfast.core.BlockClass;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Right;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.core.TransactionId;
import org.holdfast.log.LogWriter;
import org.holdfast.log.SegmentId;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.Pipe;
import org.holdfast.protocol.ServerMode;
import org.holdfast.protocol.Session;
import org.holdfast.server.index.RocksIndex;
import org.holdfast.server.recovery.Sorting;
import org.holdfast.server.session.Limits;
import org.holdfast.server.session.Sessions;
import org.holdfast.server.shard.LogQueues;
import org.holdfast.server.shard.ReconnectingJob;

/// `incidents/2011-memory`: clients offer far more than the bucket takes, without end; the bucket
/// drops puts; background work has something to do all the while, and one of its jobs is dropped
/// and begins again, over and over.
///
/// Throws an [AssertionError] as soon as something is not as it must be.
public final class Overload {
  private static final Clock CLOCK = new SystemClock();
  private static final Spawner SPAWNER = Spawner.virtual();
  private static final int WRITERS = 12;
  private static final int BLOCK_LENGTH = 256 << 10;
  private static final int BLOCKS_A_COMMIT = 16;
  private static final int SEGMENT_LENGTH = 1 << 20;
  private static final long BUCKET_BYTES_A_SECOND = 6 << 20;
  private static final int GARBAGE_BLOCKS = 3000;

  /// How long, besides, a tenth of the bucket's rate may take to free all that: on any machine.
  /// Restores have at least this part of their rate without load: one over it.
  private static final int RESTORES_SHARE = 10;

  private static final int PATIENCE_SECONDS = 20;

  private static final long LOOK_MILLIS = 50;
  private static final long RECONNECT_MILLIS = 60;
  private static final Limits LIMITS = new Limits(Limits.BYTES_MIN, Limits.BYTES_MIN, 100);

  /// What a background job may hold at most, as the server's own documents say.
  private static final long JOB_BYTES_MAX = 40 << 20;

  /// One open segment and four on their way, each with a block and a record too many.
  private static final long LOG_BYTES_MAX = 5 * (SEGMENT_LENGTH + BLOCK_LENGTH + (64 << 10));

  /// What a heap may grow by between two looks at it under the same load, in bytes.
  private static final long HEAP_SLACK = 48 << 20;

  private static final int HEAP_LOOKS = 10;

  private final NarrowBucket bucket;
  private final Service service;
  private final Sessions sessions;
  private final ReconnectingJob job;
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private final AtomicLong storedBytes = new AtomicLong();
  private final AtomicLong restores = new AtomicLong();
  private volatile boolean over;

  private Overload(Path folder) throws Exception {
    Buckets buckets =
        new Buckets(
            CLOCK, new SecureRandom(), SPAWNER, S3Settings.read(Map.of(), "none", Map.of()));
    BucketAddress address = BucketAddress.parse("dir:" + folder.resolve("bucket"));
    bucket = new NarrowBucket(buckets.openOrCreate(address, SegmentId.PREFIX), CLOCK);
    Service.Terms terms =
        new Service.Terms(
            World.SERVICE,
            World.KEY,
            bucket,
            CLOCK,
            SPAWNER,
            new SecureRandom(),
            5,
            0,
            2000,
            RocksIndex::open,
            SEGMENT_LENGTH,
            LogWriter.IN_FLIGHT_MAX,
            Sorting.OF_A_SERVER);
    service = Service.own(terms, folder.resolve("state"), new World(), failures::add);
    sessions = new Sessions(service.shard(), World.SERVICE, ServerMode.ALL, LIMITS, CLOCK, SPAWNER);
    job = new ReconnectingJob(service.shard(), SPAWNER);
  }

  /// Plays it for so long, and answers what was seen.
  static String play(Path folder, int seconds) throws Exception {
    Overload overload = new Overload(folder);
    try {
      return overload.play(seconds);
    } finally {
      overload.over = true;
      overload.job.stop();
      overload.bucket.narrow(Long.MAX_VALUE);
      overload.sessions.close();
      overload.service.close();
    }
  }

  private String play(int seconds) throws Exception {
    Client reader = registered();
    List<BlockRef> refs = reader.backUp(connect(reader, Right.WRITE), new byte[BLOCK_LENGTH]);
    leaveGarbage();
    List<Client> writers = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      writers.add(registered());
    }
    bucket.narrow(BUCKET_BYTES_A_SECOND);
    List<Thread> threads = new ArrayList<>();
    for (Client writer : writers) {
      boolean commits = threads.size() % 2 == 0;
      threads.add(SPAWNER.spawn("writer", () -> report(() -> write(writer, commits))));
    }
    threads.add(SPAWNER.spawn("cleaner", () -> report(this::reconnect)));
    awaitFull();
    service.tidyInBackground(CLOCK, SPAWNER, 0);
    long start = CLOCK.nanos();
    threads.add(SPAWNER.spawn("reader", () -> report(() -> restore(reader, refs))));
    long heap = watch(seconds * 1000L);
    for (int i = 0; i < PATIENCE_SECONDS && freedBlocks() < GARBAGE_BLOCKS; i++) {
      watch(1000);
    }
    check(freedBlocks() >= GARBAGE_BLOCKS, "background work starves: " + freedBlocks() + " freed");
    double loaded = restores.get() * 1e9 / (CLOCK.nanos() - start);
    over = true;
    job.stop();
    bucket.narrow(Long.MAX_VALUE);
    for (Thread each : threads) {
      each.join();
    }
    awaitEmpty();
    // Afterwards, when all that it runs through is compiled.
    double unloaded = restoresASecond(reader, refs, 1000);
    check(
        loaded >= unloaded / RESTORES_SHARE,
        String.format("restores starve: %.0f a second of %.0f without load", loaded, unloaded));
    return String.format(
        "%d s: %d MiB stored of what %d writers offered, %d blocks freed meanwhile, %d runs of a"
            + " job that reconnects; %.0f restores a second of %.0f without load; heap %d MiB",
        seconds,
        storedBytes.get() >> 20,
        WRITERS,
        freedBlocks(),
        job.begun(),
        loaded,
        unloaded,
        heap >> 20);
  }

  /// From here on clients always wait for room in the log.
  private void awaitFull() throws Exception {
    while (service.shard().queues().forRoom() < WRITERS / 2) {
      checkFailures();
      CLOCK.sleepMillis(5);
    }
  }

  /// Blocks of a backup that came to nothing.
  private void leaveGarbage() throws Exception {
    Client client = registered();
    Session session = connect(client, Right.WRITE);
    TransactionId transaction = client.begin(session);
    for (int i = 0; i < GARBAGE_BLOCKS; i++) {
      client.store(session, transaction, BlockClass.CHUNK, new byte[] {1});
    }
    session.cancel(client.machine, transaction);
    session.close();
  }

  /// Answers how much heap was in use at its end.
  private long watch(long millis) throws Exception {
    long start = CLOCK.nanos();
    long early = 0;
    while ((CLOCK.nanos() - start) / 1_000_000 < millis) {
      CLOCK.sleepMillis(LOOK_MILLIS);
      look();
      if (early == 0 && (CLOCK.nanos() - start) / 1_000_000 > millis / 3) {
        early = heapBytes();
      }
    }
    long late = heapBytes();
    // On a busy machine much may be on its way at a time; what has leaked stays.
    for (int i = 0; i < HEAP_LOOKS && late >= early + HEAP_SLACK; i++) {
      CLOCK.sleepMillis(LOOK_MILLIS);
      late = Math.min(late, heapBytes());
    }
    check(late < early + HEAP_SLACK, "the heap grows: from " + early + " to " + late + " bytes");
    return late;
  }

  private void look() throws Exception {
    checkFailures();
    check(
        job.heldBytes() <= JOB_BYTES_MAX,
        "a job that reconnects holds " + (job.heldBytes() >> 20) + " MiB");
    LogQueues queues = service.shard().queues();
    check(queues.bytes() <= LOG_BYTES_MAX, "the log holds " + queues.bytes() + " bytes");
    // Freeing has one piece; a run that is just ending may still be counted.
    check(
        queues.background() <= job.running() + 8,
        queues.background() + " pieces of dropped background work are kept");
  }

  private void awaitEmpty() throws Exception {
    long start = CLOCK.nanos();
    while (sessions.heldBytes() + service.shard().memory().heldBytes() > 0
        || service.shard().queues().bytes() > 0) {
      check(CLOCK.nanos() - start < 20_000_000_000L, "memory is not given back");
      CLOCK.sleepMillis(20);
      service.shard().awaitDurable();
    }
  }

  // The heap is what this is about.
  @SuppressWarnings("SystemGc")
  private static long heapBytes() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private void write(Client client, boolean commits) throws Exception {
    byte[][] blocks = new byte[BLOCKS_A_COMMIT][BLOCK_LENGTH];
    Session session = connect(client, Right.WRITE);
    TransactionId transaction = client.begin(session);
    while (!over) {
      if (commits) {
        client.backUp(session, blocks);
        storedBytes.addAndGet((long) BLOCKS_A_COMMIT * BLOCK_LENGTH);
      } else {
        // A backup without end, which leaves no gap.
        client.store(session, transaction, BlockClass.CHUNK, blocks[0]);
        storedBytes.addAndGet(BLOCK_LENGTH);
      }
    }
    session.close();
  }

  private void reconnect() throws Exception {
    while (!over) {
      job.reconnect();
      CLOCK.sleepMillis(RECONNECT_MILLIS);
    }
  }

  private void restore(Client client, List<BlockRef> refs) throws Exception {
    Session session = connect(client, Right.READ);
    while (!over) {
      client.fetch(session, refs);
      restores.incrementAndGet();
    }
    session.close();
  }

  private double restoresASecond(Client client, List<BlockRef> refs, long millis) throws Exception {
    Session session = connect(client, Right.READ);
    long start = CLOCK.nanos();
    int done = 0;
    while ((CLOCK.nanos() - start) / 1_000_000 < millis) {
      client.fetch(session, refs);
      done++;
    }
    session.close();
    return done * 1000.0 / millis;
  }

  private long freedBlocks() {
    return service.shard().freeing().progress().freedBlocks();
  }

  private Client registered() throws Exception {
    Client client = new Client().invited(service.shard(), "", CLOCK.wallMillis() + 600_000);
    Session session = connect(client);
    client.register(session);
    session.close();
    return client;
  }

  private Session connect(Client client, Right... rights) throws HoldfastException {
    Pipe.Ends ends = Pipe.open(1 << 20, Client.RANDOM);
    SPAWNER.spawn("session", () -> sessions.handle(ends.server()));
    Session session = Session.open(ends.client(), CLOCK, SPAWNER, "test");
    for (Right right : rights) {
      client.prove(session, right);
    }
    return session;
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

  private void checkFailures() {
    if (!failures.isEmpty()) {
      throw new AssertionError("somebody failed", failures.getFirst());
    }
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  /// `java org.holdfast.server.Overload FOLDER SECONDS`
  public static void main(String[] words) throws Exception {
    Path folder = Files.createDirectories(Path.of(words[0]));
    try {
      System.out.println("2011-memory: " + play(folder, Integer.parseInt(words[1])));
      System.exit(0);
    } catch (AssertionError e) {
      System.out.println("2011-memory: FAILS: " + e.getMessage());
      System.exit(1);
    }
  }

  private interface Work {
    void run() throws Exception;
  }
}
