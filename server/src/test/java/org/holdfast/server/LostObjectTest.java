package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.core.BlockClass;
import org.holdfast.core.Clock;
import org.holdfast.core.ConflictException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Right;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.core.TransactionId;
import org.holdfast.log.SegmentId;
import org.holdfast.log.StateDigest;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Pipe;
import org.holdfast.protocol.ServerMode;
import org.holdfast.protocol.Session;
import org.holdfast.server.index.RocksIndex;
import org.holdfast.server.session.Sessions;
import org.holdfast.server.shard.Cleaner;
import org.holdfast.server.shard.ShardService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// An object that was acknowledged is lost: it is asked for again, then backups stop until it is
/// back, and restores go on.
@Timeout(60)
class LostObjectTest {
  private static final Spawner SPAWNER = Spawner.virtual();
  private static final Clock REAL = new SystemClock();
  private static final long PATIENCE_MILLIS = 60_000;

  @TempDir Path folder;

  private final MemoryBucket memory = new MemoryBucket();
  private final HeldClock clock = new HeldClock();
  private final GatedBucket bucket = new GatedBucket(memory);
  private final Told told = new Told();
  private final List<byte[]> chunks = new ArrayList<>();
  private final List<Session> open = new ArrayList<>();
  private String state = "state";

  /// Of the archive after the two that there are.
  private long sequence = 3;

  private WatchedIndex index;
  private Service service;
  private Sessions sessions;
  private Client client;
  private List<BlockRef> refs;
  private SegmentId segment;
  private SegmentId second;
  private byte[] object;

  @BeforeEach
  void backUp() throws Exception {
    start();
    client = new Client().invited(service.shard(), "", REAL.wallMillis() + 60_000);
    client.register(connect());
    Session session = proven();
    Random random = new Random(7);
    for (int i = 0; i < 2; i++) {
      byte[] chunk = new byte[500];
      random.nextBytes(chunk);
      chunks.add(chunk);
    }
    refs = new ArrayList<>(client.backUp(session, chunks.get(0)));
    segment = World.counted(memory).getLast();
    refs.addAll(client.backUp(session, chunks.get(1)));
    second = World.counted(memory).getLast();
    object = memory.getWhole(segment.key(), Bucket.MAX_OBJECT_LENGTH).orElseThrow();
  }

  @AfterEach
  void stop() throws Exception {
    open.forEach(Session::close);
    sessions.close();
    service.close();
    open.clear();
  }

  private void start() throws Exception {
    Service.Terms terms =
        new Service.Terms(
            World.SERVICE,
            World.KEY,
            bucket,
            clock,
            SPAWNER,
            new SecureRandom(),
            0,
            PATIENCE_MILLIS,
            path -> {
              index = new WatchedIndex(RocksIndex.open(path));
              return index;
            });
    service = Service.own(terms, folder.resolve(state), new World(), told);
    sessions = new Sessions(service.shard(), World.SERVICE, ServerMode.ALL, REAL, SPAWNER, _ -> {});
  }

  private void restart() throws Exception {
    stop();
    start();
  }

  private Session connect() throws Exception {
    Pipe.Ends ends = Pipe.open(1 << 20, Client.RANDOM);
    Connection server = ends.server();
    SPAWNER.spawn("session", () -> sessions.handle(server));
    Session session = Session.open(ends.client(), REAL, SPAWNER, "test");
    open.add(session);
    return session;
  }

  private Session proven() throws Exception {
    Session session = connect();
    client.prove(session, Right.WRITE);
    client.prove(session, Right.READ);
    return session;
  }

  private void replace(byte[] bytes) throws Exception {
    memory.delete(segment.key());
    memory.putIfAbsent(segment.key(), List.of(ByteBuffer.wrap(bytes)));
  }

  private void assertRefused(ThrowingCall call) {
    assertThatThrownBy(call::run)
        .isInstanceOf(RefusedException.class)
        .hasMessageContainingAll(
            "backups are stopped, restores go on", segment.key(), "docs/operations.md");
  }

  private void assertComes(Integer... indexes) throws Exception {
    assertThat(client.fetch(proven(), refs))
        .containsOnlyKeys(indexes)
        .allSatisfy((index, bytes) -> assertThat(bytes).isEqualTo(chunks.get(index)));
  }

  /// Lets the watch do a round, and waits for what it comes to.
  private void awaitWhole() throws Exception {
    clock.release();
    until(() -> service.shard().obstacle().isEmpty());
    client.backUp(proven(), new byte[] {3});
  }

  @Test
  void anObjectThatIsAwayForAWhileStopsNothing() throws Exception {
    bucket.forget(segment.key(), 5);
    assertComes(0, 1);
    assertThat(clock.sleptMillis()).isEqualTo(100 + 200 + 400 + 800 + 1600);
    client.backUp(proven(), new byte[] {1});
    assertThat(told.lines).isEmpty();
  }

  @Test
  void anObjectThatIsLostStopsBackupsAndNotRestores() throws Exception {
    Session before = proven();
    TransactionId transaction = client.begin(before);
    client.store(before, transaction, BlockClass.CHUNK, new byte[] {1});
    memory.delete(segment.key());
    assertComes(1);
    assertThat(clock.sleptMillis()).isEqualTo(PATIENCE_MILLIS);
    assertRefused(() ->
        before.has(client.machine, transaction, BlockClass.CHUNK, List.of(refs.get(0).name())));
    assertRefused(() -> before.commit(client.machine, transaction, null, 0));
    assertRefused(() -> client.begin(proven()));
    assertRefused(
        () -> before.begin(client.machine, transaction, before.state(client.machine).committed()));
    assertRefused(() -> new Client().invited(service.shard(), "", 0));
    assertComes(1);
    assertThat(clock.sleptMillis()).as("known").isEqualTo(PATIENCE_MILLIS);
    assertThat(told.lines).singleElement().asString().contains(segment.key(), "is missing");
    assertThat(service.shard().damagedObjects()).isEqualTo(1);
    replace(object);
    awaitWhole();
    assertThat(told.lines).hasSize(2).last().isEqualTo("whole");
    assertComes(0, 1);
  }

  @Test
  void aStoreThatWasSentBeforeIsRefusedToo() throws Exception {
    Session session = proven();
    TransactionId transaction = client.begin(session);
    memory.delete(segment.key());
    assertComes(1);
    client.store(session, transaction, BlockClass.CHUNK, new byte[] {1});
    assertRefused(() -> session.commit(client.machine, transaction, null, 0));
  }

  @Test
  void anotherObjectThatIsLostIsNotWaitedForAsLong() throws Exception {
    memory.delete(segment.key());
    assertComes(1);
    memory.delete(second.key());
    assertComes();
    assertThat(clock.sleptMillis()).isEqualTo(PATIENCE_MILLIS + 1000);
    assertThat(service.shard().damagedObjects()).isEqualTo(2);
    assertThat(service.shard().lost().objects()).containsOnlyKeys(segment, second);
    assertRefused(() -> client.begin(proven()));
  }

  @Test
  void dataThatIsDamagedStopsBackupsUntilItIsKnownWhichBlocks() throws Exception {
    damageChunk();
    client.backUp(proven(), new byte[] {1});
    assertComes(1);
    assertThat(told.lines).singleElement().asString().contains("backups are stopped", "is damaged");
    assertRefused(() -> client.begin(proven()));
    assertThat(service.shard().lost().objects()).containsOnlyKeys(segment);
    clock.pass();
    assertThat(service.shard().lost().objects()).isEmpty();
    assertThat(told.lines.getLast()).contains("backups go on", segment.key(), "of 1 damaged block");
    client.begin(proven());
    restart();
    client.begin(proven());
    assertComes(1);
    assertThat(service.shard().lost().blocks()).isEqualTo(1);
    replace(object);
    awaitWhole();
    until(() -> service.shard().damagedObjects() == 0);
    restart();
    client.backUp(proven(), new byte[] {2});
    assertThat(Files.exists(folder.resolve("state/damaged"))).isFalse();
  }

  /// The watch reads the header twice: its length, and all of it; then the blocks.
  @Test
  void whatAReaderFindsWhileTheWatchReadsIsNotForgotten() throws Exception {
    damageChunk();
    assertComes(1);
    clock.pass();
    replace(object);
    AtomicInteger reads = new AtomicInteger();
    bucket.afterGet =
        () -> {
          if (Thread.currentThread().getName().equals("damage") && reads.incrementAndGet() == 4) {
            assertThatCode(this::rotAgain).doesNotThrowAnyException();
          }
        };
    clock.pass();
    assertThat(reads.get()).isEqualTo(4);
    assertThat(service.shard().damagedObjects()).isEqualTo(1);
  }

  private void rotAgain() throws Exception {
    replace(flippedChunk());
    assertComes(1);
  }

  @Test
  void aDamagedBlockIsStoredAgainAndTheOldestThatIsWholeIsGiven() throws Exception {
    damageChunk();
    assertComes(1);
    clock.pass();
    Session session = proven();
    TransactionId transaction = client.begin(session);
    assertThat(session.damaged(client.machine, transaction))
        .isEqualTo(new Message.DamagedReply(false, List.of(refs.get(0))));
    assertThat(isThere(session, transaction)).isFalse();
    store(session, transaction, refs.get(0), new byte[] {1, 2, 3});
    store(session, transaction, refs.get(0), new byte[] {4});
    commit(session, transaction);
    assertThat(isThere(session, client.begin(session))).isTrue();
    assertThat(client.fetch(proven(), refs).get(0)).isEqualTo(new byte[] {1, 2, 3});
    assertThat(service.shard().damagedObjects()).isEqualTo(1);
    assertThat(service.shard().lost().blocks()).isZero();
    replace(object);
    clock.release();
    until(() -> service.shard().damagedObjects() == 0);
    assertComes(0, 1);
  }

  @Test
  void aCopyThatWasStoredAgainIsCleanedAndRebuiltAsAnyOther() throws Exception {
    damageChunk();
    assertComes(1);
    clock.pass();
    Session session = proven();
    TransactionId transaction = client.begin(session);
    session.damaged(client.machine, transaction);
    store(session, transaction, refs.get(0), chunks.get(0));
    commit(session, transaction);
    SegmentId stored = World.counted(memory).getLast();
    for (int i = 0; i < 9; i++) {
      transaction = client.begin(session);
      session.damaged(client.machine, transaction);
      commit(session, transaction);
    }
    Cleaner cleaner = service.shard().cleaner().orElseThrow();
    assertThat(cleaner.clean(segment)).as("is damaged").isFalse();
    assertThat(cleaner.clean(stored)).isTrue();
    assertThat(memory.getWhole(stored.key(), Bucket.MAX_OBJECT_LENGTH)).isEmpty();
    assertComes(0, 1);
    StateDigest digest = service.shard().read(state -> state.digest());
    stop();
    state = "rebuilt";
    start();
    assertThat(service.shard().<StateDigest>read(rows -> rows.digest())).isEqualTo(digest);
    assertComes(0, 1);
  }

  @Test
  void nothingIsCommittedByWhomDamageWasNotTold() throws Exception {
    Session session = proven();
    TransactionId transaction = client.begin(session);
    assertThat(session.damaged(client.machine, transaction).blocks()).isEmpty();
    damageChunk();
    session = proven();
    session.begin(client.machine, transaction, session.state(client.machine).committed());
    session.damaged(client.machine, transaction);
    assertComes(1);
    clock.pass();
    Session told = session;
    session.damaged(client.machine, transaction);
    assertThatThrownBy(() -> commit(told, transaction))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("run it again");
    session.begin(client.machine, transaction, session.state(client.machine).committed());
    session.damaged(client.machine, transaction);
    commit(session, transaction);
  }

  @Test
  void whoWasToldOfDamageIsToldOfMoreBeforeItCommits() throws Exception {
    damageChunk();
    assertThat(client.fetch(proven(), refs)).containsOnlyKeys(1);
    clock.pass();
    Session session = proven();
    TransactionId transaction = client.begin(session);
    assertThat(session.damaged(client.machine, transaction).blocks()).containsExactly(refs.get(0));
    store(session, transaction, refs.get(0), chunks.get(0));
    segment = second;
    object = memory.getWhole(second.key(), Bucket.MAX_OBJECT_LENGTH).orElseThrow();
    replace(flippedChunk());
    assertThat(client.fetch(proven(), refs)).isEmpty();
    clock.pass();
    assertThatThrownBy(() -> commit(session, transaction))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("run it again");
  }

  @Test
  void whatAnotherSessionWasToldOfDamageCountsForNoCommit() throws Exception {
    Session old = proven();
    TransactionId transaction = client.begin(old);
    assertThat(old.damaged(client.machine, transaction).blocks()).isEmpty();
    replace(flippedChunk());
    assertComes(1);
    clock.pass();
    Session next = proven();
    next.begin(client.machine, transaction, next.state(client.machine).committed());
    assertThat(next.damaged(client.machine, transaction).blocks()).containsExactly(refs.get(0));
    assertThatThrownBy(() -> commit(old, transaction))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("run it again");
    commit(next, transaction);
  }

  @Test
  void theOwnerDoesNotLookDamagedBlocksUp() throws Exception {
    damageChunk();
    assertComes(1);
    clock.pass();
    Session session = proven();
    TransactionId transaction = client.begin(session);
    int before = index.byOwner().get();
    assertThat(session.damaged(client.machine, transaction).blocks()).containsExactly(refs.get(0));
    assertThat(index.byOwner().get()).isEqualTo(before);
    store(session, transaction, refs.get(0), chunks.get(0));
    assertThat(
            session
                .has(client.machine, transaction, BlockClass.CHUNK, List.of(refs.get(0).name()))
                .isEmpty())
        .isFalse();
    assertThat(session.damaged(client.machine, transaction).blocks()).as("not durable").isEmpty();
  }

  @Test
  void keysOfARunThatAreDamagedStopTheirMachineAlone() throws Exception {
    Session session = proven();
    TransactionId first = client.begin(session);
    BlockRef run = client.store(session, first, BlockClass.RUN, new byte[100]);
    commit(session, first);
    segment = World.counted(memory).getLast();
    object = memory.getWhole(segment.key(), Bucket.MAX_OBJECT_LENGTH).orElseThrow();
    damageChunk();
    assertThat(client.fetch(proven(), List.of(run))).isEmpty();
    clock.pass();
    Session again = proven();
    TransactionId transaction = client.begin(again);
    assertThat(again.damaged(client.machine, transaction).blocks()).containsExactly(run);
    assertThatThrownBy(() -> commit(again, transaction))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("keys of an earlier backup");
    store(again, transaction, run, new byte[] {1});
    assertThatThrownBy(() -> commit(again, transaction))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("no client makes one of its kind again");
    Client other = new Client().invited(service.shard(), "", REAL.wallMillis() + 60_000);
    Session others = connect();
    other.register(others);
    other.prove(others, Right.WRITE);
    other.backUp(others, new byte[] {1});
  }

  /// Flips a bit of the block before the root, behind the server's back.
  private void damageChunk() throws Exception {
    replace(flippedChunk());
    restart();
  }

  private byte[] flippedChunk() {
    byte[] flipped = object.clone();
    flipped[object.length - 10] ^= 1;
    return flipped;
  }

  private boolean isThere(Session session, TransactionId transaction) throws Exception {
    return !session
        .has(client.machine, transaction, BlockClass.CHUNK, List.of(refs.get(0).name()))
        .isEmpty();
  }

  private void store(Session session, TransactionId transaction, BlockRef block, byte[] bytes)
      throws Exception {
    session.store(
        client.machine, transaction, block.blockClass(), block.name(), ByteBuffer.wrap(bytes));
  }

  private void commit(Session session, TransactionId transaction) throws Exception {
    BlockRef root = client.store(session, transaction, BlockClass.ROOT, new byte[] {1});
    session.commit(client.machine, transaction, root.name(), sequence);
    sequence++;
  }

  @Test
  void aHeaderThatIsDamagedStopsBackupsAlthoughItsBlocksCome() throws Exception {
    byte[] flipped = object.clone();
    flipped[90] ^= 1;
    replace(flipped);
    assertComes(0, 1);
    assertRefused(() -> client.begin(proven()));
    replace(object);
    awaitWhole();
  }

  @Test
  void whatIsPutInItsPlaceIsReadBeforeBackupsGoOn() throws Exception {
    memory.delete(segment.key());
    assertComes(1);
    replace(flippedChunk());
    clock.pass();
    assertThat(service.shard().obstacle()).isEmpty();
    assertThat(service.shard().damagedObjects()).isEqualTo(1);
    replace(memory.getWhole(second.key(), Bucket.MAX_OBJECT_LENGTH).orElseThrow());
    clock.pass();
    assertRefused(() -> client.begin(proven()));
    replace(object);
    awaitWhole();
  }

  @Test
  void aStartNoticesWhatTheListingLacks() throws Exception {
    memory.delete(segment.key());
    restart();
    assertThat(clock.sleptMillis()).isEqualTo(PATIENCE_MILLIS);
    assertRefused(() -> client.begin(proven()));
    assertComes(1);
    restart();
    assertThat(clock.sleptMillis()).as("remembered").isEqualTo(PATIENCE_MILLIS);
    assertRefused(() -> client.begin(proven()));
    replace(object);
    restart();
    client.backUp(proven(), new byte[] {1});
    assertComes(0, 1);
  }

  @Test
  void aStartNoticesAnObjectThatIsCutShort() throws Exception {
    restart();
    replace(Arrays.copyOf(object, object.length - 1));
    restart();
    assertRefused(() -> client.begin(proven()));
  }

  @Test
  void aStartAsksForWhatAListingIsSlowToShow() throws Exception {
    bucket.forget(segment.key(), 3);
    restart();
    assertThat(clock.sleptMillis()).isEqualTo(100 + 200 + 400);
    client.backUp(proven(), new byte[] {1});
    assertThat(told.lines).isEmpty();
  }

  private static void until(Callable<Boolean> condition) throws Exception {
    while (!condition.call()) {
      if (Thread.interrupted()) {
        throw new InterruptedException("waited for in vain");
      }
      Thread.yield();
    }
  }

  private interface ThrowingCall {
    void run() throws Exception;
  }

  private static final class Told implements ShardService.Listener {
    final List<String> lines = new CopyOnWriteArrayList<>();

    @Override
    public void stopped(Exception reason) {
      lines.add("stopped " + reason);
    }

    @Override
    public void damaged(String line) {
      lines.add(line);
    }

    @Override
    public void whole() {
      lines.add("whole");
    }
  }

  /// Sleeps pass at once and are counted, but those of the watch over damaged objects, which end
  /// when a test says so.
  private static final class HeldClock implements Clock {
    private final AtomicLong slept = new AtomicLong();
    private final Semaphore rounds = new Semaphore(0);
    private final AtomicInteger begun = new AtomicInteger();
    private int released;

    long sleptMillis() {
      return slept.get();
    }

    /// The watch reads once, and is done with that.
    void pass() throws Exception {
      awaitWatch();
      release();
      awaitWatch();
    }

    void release() {
      released++;
      rounds.release();
    }

    private void awaitWatch() throws Exception {
      until(() -> begun.get() > released);
    }

    @Override
    public long wallMillis() {
      return TestClock.START + slept.get();
    }

    @Override
    public long nanos() {
      return slept.get() * 1_000_000;
    }

    @Override
    public void sleepMillis(long millis) throws InterruptedException {
      if (!Thread.currentThread().getName().equals("damage")) {
        slept.addAndGet(millis);
        return;
      }
      begun.incrementAndGet();
      rounds.acquire();
    }
  }
}
