package org.holdfast.server;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.core.BlockClass;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Right;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.core.TransactionId;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogReader;
import org.holdfast.log.LogRecord;
import org.holdfast.log.SegmentId;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.Pipe;
import org.holdfast.protocol.ServerMode;
import org.holdfast.protocol.Session;
import org.holdfast.server.index.IndexException;
import org.holdfast.server.index.MemoryIndex;
import org.holdfast.server.index.RocksIndex;
import org.holdfast.server.session.Sessions;
import org.holdfast.server.shard.BackgroundJob;
import org.holdfast.server.shard.DiskWatch;
import org.holdfast.server.shard.Pacer;

/// `incidents/2016-disk`: for a week the bucket takes hardly anything, so that the job that frees
/// blocks begins again 142 times; the server dies and is started again meanwhile, now and then by
/// what should never happen; and somebody else fills the disk that the state folder is on.
///
/// Throws an [AssertionError] as soon as something is not as it must be.
public final class FailingWeek {
  private static final long WEEK_MILLIS = 7L * 24 * 3600 * 1000;
  private static final int RESTARTS = 142;
  private static final int RESTARTS_A_PROCESS = 10;
  private static final int GARBAGE_BLOCKS = 2000;
  private static final int DISK_MIB = 64;
  private static final long MIB = 1 << 20;
  private static final DiskWatch.Marks MARKS = new DiskWatch.Marks(6 * MIB, 12 * MIB);

  /// What the state folder may grow by, whatever happens: files in which RocksDB tells of itself,
  /// its lists of files, and eight reports of what should never happen.
  private static final long GROWTH_MAX = 6 * MIB;

  private static final Clock REAL = new SystemClock();
  private static final Spawner SPAWNER = Spawner.virtual();
  private static final long PATIENCE_NANOS = 60_000_000_000L;

  private final SteppingClock clock = new SteppingClock();
  private final MemoryBucket memory = new MemoryBucket();
  private final GatedBucket bucket = new GatedBucket(memory);
  private final List<Exception> stops = new CopyOnWriteArrayList<>();
  private final World told = new World(clock);
  private final SmallDisk disk;
  private final Path state;
  private final Client client = new Client();
  private final byte[] content = new byte[50_000];
  private List<BlockRef> kept = List.of();
  private Service service;
  private Sessions sessions;
  private long restarts;

  private FailingWeek(SmallDisk disk) throws Exception {
    this.disk = disk;
    this.state = disk.root.resolve("state");
    new java.util.Random(1).nextBytes(content);
    start();
  }

  /// Plays it, and answers what was seen.
  static String play(Path folder) throws Exception {
    try (SmallDisk disk = new SmallDisk(folder.resolve("disk"), DISK_MIB)) {
      FailingWeek week = new FailingWeek(disk);
      try {
        return week.play();
      } finally {
        week.bucket.set(GatedBucket.Gate.OPEN);
        week.disk.empty();
        week.end();
      }
    }
  }

  private String play() throws Exception {
    prepare();
    restart();
    long first = SmallDisk.bytes(state);
    long begin = clock.wallMillis();
    bucketHangs();
    bucket.set(GatedBucket.Gate.FAILING);
    for (int process = 1; restarts < RESTARTS; process++) {
      failingDays(process, first);
      if (process == 7 && disk.isReal) {
        fullDisk();
      }
    }
    clock.pass(Math.max(0, begin + WEEK_MILLIS - clock.wallMillis()));
    bucket.set(GatedBucket.Gate.OPEN);
    service.tidyInBackground(clock, SPAWNER, 0);
    await("freeing", () -> service.shard().<Long>durable(rows -> rows.garbageCount()) == 0);
    restores();
    backUp();
    checkGrowth(first);
    checkLog();
    return String.format(
        "%d days, %d restarts of the job; the state folder grew from %d to %d bytes; disk %s",
        (clock.wallMillis() - begin) / 86_400_000,
        restarts,
        first,
        SmallDisk.bytes(state),
        disk.isReal ? "of " + DISK_MIB + " MiB, filled meanwhile" : "not small: none to be had");
  }

  /// An archive that is kept, and blocks of a backup that came to nothing.
  private void prepare() throws Exception {
    client.invited(service.shard(), "", REAL.wallMillis() + 1_000_000_000_000L);
    Session session = connect();
    client.register(session);
    client.prove(session, Right.WRITE);
    kept = client.backUp(session, content);
    TransactionId transaction = client.begin(session);
    for (int i = 0; i < GARBAGE_BLOCKS; i++) {
      client.store(session, transaction, BlockClass.CHUNK, new byte[] {1});
    }
    session.cancel(client.machine, transaction);
    session.close();
  }

  /// The job has written all there is to write, which does not become durable, and begins again.
  private void bucketHangs() throws Exception {
    bucket.set(GatedBucket.Gate.CLOSED);
    hangingRound(1);
    long records = service.shard().position().nextRecord();
    hangingRound(2);
    hangingRound(3);
    check(
        service.shard().position().nextRecord() == records && stops.isEmpty(),
        "what is written already is written again");
  }

  private void hangingRound(int waiters) throws Exception {
    Thread round =
        SPAWNER.spawn(
            "round",
            () -> {
              try {
                service.shard().freeing().round();
              } catch (HoldfastException e) {
                // It was told to end.
              }
            });
    await(
        "the job to wait",
        () -> {
          check(stops.isEmpty(), "the server has stopped: " + stops);
          return service.shard().queues().forDurable() >= waiters;
        });
    round.interrupt();
    round.join();
  }

  /// The job begins again and again, until the process dies.
  private void failingDays(int process, long first) throws Exception {
    long before = restarts;
    service.tidyInBackground(clock, SPAWNER, 0);
    long goal = Math.min(RESTARTS_A_PROCESS, RESTARTS - before);
    await(
        "the job to begin again",
        () -> {
          clock.pass(WEEK_MILLIS / RESTARTS / 20);
          return freeing().failures() >= goal;
        });
    restores();
    checkGrowth(first);
    restarts = before + freeing().failures();
    bucket.set(GatedBucket.Gate.BROKEN);
    await("the defect", () -> !stops.isEmpty());
    check(service.shard().defectReport().isPresent(), "there is a report of what was seen");
    stops.clear();
    restart();
    bucket.set(GatedBucket.Gate.FAILING);
  }

  /// Somebody else fills the disk: first nearly, then to the last byte; in the end it is free
  /// again.
  private void fullDisk() throws Exception {
    bucket.set(GatedBucket.Gate.OPEN);
    disk.fill(MARKS.lowBytes() / 2);
    await("the watch", () -> isShort());
    try {
      backUp();
      throw new AssertionError("backups are taken on a disk that is nearly full");
    } catch (HoldfastException e) {
      check(String.valueOf(e.getMessage()).contains("disk has"), "it says why: " + e.getMessage());
    }
    restores();
    disk.empty();
    await("backups go on", () -> service.shard().obstacle().isEmpty());
    backUp();
    disk.fill(0);
    try {
      sessions.close();
      service.close();
      throw new AssertionError("an index is flushed to a disk without room");
    } catch (IndexException e) {
      check(String.valueOf(e.getMessage()).contains("cannot be flushed"), "it says what failed");
    }
    try {
      start();
      throw new AssertionError("a server starts on a disk without room");
    } catch (HoldfastException e) {
      check(String.valueOf(e.getMessage()).contains("make room"), "it says why: " + e.getMessage());
    }
    check(Files.exists(state.resolve("index")), "an index is not thrown away for want of room");
    disk.empty();
    start();
    restores();
    bucket.set(GatedBucket.Gate.FAILING);
  }

  private boolean isShort() {
    return service.shard().disk().orElseThrow().state() == DiskWatch.State.SHORT;
  }

  private void restart() throws Exception {
    end();
    bucket.set(GatedBucket.Gate.OPEN);
    start();
  }

  private void start() throws HoldfastException {
    Service.Terms terms =
        new Service.Terms(
            World.SERVICE,
            World.KEY,
            bucket,
            clock,
            SPAWNER,
            new SecureRandom(),
            0,
            2000,
            RocksIndex::open);
    service = Service.own(terms, state, told, stops::add);
    service.watchDisk(MARKS);
    sessions = new Sessions(service.shard(), World.SERVICE, ServerMode.ALL, REAL, SPAWNER);
  }

  /// The process dies: what is not durable by then is not made so.
  private void end() {
    sessions.close();
    try {
      service.shard().stop();
      service.close();
    } catch (HoldfastException e) {
      // Nothing becomes durable any more.
    }
  }

  private void restores() throws Exception {
    Session session = connect();
    client.prove(session, Right.READ);
    check(Arrays.equals(client.fetch(session, kept).get(0), content), "what was kept is restored");
    session.close();
  }

  private void backUp() throws Exception {
    Session session = connect();
    try {
      client.prove(session, Right.WRITE);
      kept = client.backUp(session, content);
    } finally {
      session.close();
    }
  }

  private void checkGrowth(long first) throws Exception {
    long bytes = SmallDisk.bytes(state);
    long reports = 0;
    if (Files.exists(state.resolve("defects"))) {
      try (Stream<Path> files = Files.list(state.resolve("defects"))) {
        reports = files.count();
      }
    }
    check(
        bytes <= first + GROWTH_MAX && reports <= 8,
        "the state folder grows: from "
            + first
            + " to "
            + bytes
            + " bytes, "
            + reports
            + " reports");
    check(stops.isEmpty(), "the server has stopped: " + stops);
  }

  /// Nothing is written twice, and the log alone says what the server says.
  private void checkLog() throws Exception {
    service.shard().awaitDurable();
    Map<LogRecord, Integer> freed = new HashMap<>();
    LogReader reader = World.reader(memory);
    for (SegmentId id : World.counted(memory)) {
      for (LogEntry entry : reader.header(id).orElseThrow().entries()) {
        if (entry.item() instanceof LogRecord.CopyFreed each) {
          freed.merge(each, 1, Integer::sum);
        }
      }
    }
    check(freed.size() == GARBAGE_BLOCKS, freed.size() + " blocks are freed");
    check(freed.values().stream().allMatch(times -> times == 1), "blocks are freed more than once");
    check(
        World.replay(memory, new MemoryIndex()).equals(World.digest(service)),
        "the log says the same");
  }

  private Pacer.Progress freeing() {
    return service.shard().pacer().progress(BackgroundJob.FREEING);
  }

  private Session connect() throws HoldfastException {
    Pipe.Ends ends = Pipe.open(1 << 20, Client.RANDOM);
    Sessions current = sessions;
    SPAWNER.spawn("session", () -> current.handle(ends.server()));
    return Session.open(ends.client(), REAL, SPAWNER, "test");
  }

  private void await(String what, Question question) throws Exception {
    long start = REAL.nanos();
    while (!isSo(question)) {
      check(REAL.nanos() - start < PATIENCE_NANOS, "it takes too long: " + what);
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static boolean isSo(Question question) throws Exception {
    try {
      return question.ask();
    } catch (UnavailableException e) {
      return false;
    }
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  /// `java org.holdfast.server.FailingWeek FOLDER`
  public static void main(String[] words) throws Exception {
    try {
      System.out.println("2016-disk: " + play(Files.createDirectories(Path.of(words[0]))));
      System.exit(0);
    } catch (AssertionError e) {
      System.out.println("2016-disk: FAILS: " + e.getMessage());
      System.exit(1);
    }
  }

  private interface Question {
    boolean ask() throws Exception;
  }
}
