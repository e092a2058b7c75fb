package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.holdfast.bucket.FaultyBucket;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.core.AccountId;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.ConflictException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.core.TransactionId;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.Fence;
import org.holdfast.log.LogRecord;
import org.holdfast.log.LogWriter;
import org.holdfast.log.SegmentId;
import org.holdfast.protocol.Message;
import org.holdfast.server.index.Batch;
import org.holdfast.server.index.ForwardingIndex;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.MemoryIndex;
import org.holdfast.server.shard.Damages;
import org.holdfast.server.shard.ShardService;
import org.holdfast.server.shard.StateFolder;
import org.holdfast.server.state.ShardState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ShardServiceTest {
  @TempDir Path folder;

  private final TestClock clock = new TestClock();
  private final List<Exception> stopped = new ArrayList<>();

  private ShardService own(GatedBucket bucket, Index index, boolean deaf) throws Exception {
    return own(bucket, index, deaf, Spawner.virtual());
  }

  private ShardService own(GatedBucket bucket, Index index, boolean deaf, Spawner spawner)
      throws Exception {
    ShardService shard =
        new ShardService(
            0,
            ShardState.open(0, index),
            bucket,
            clock,
            spawner,
            0,
            Service.Terms.GRACE_MILLIS,
            LogWriter.SEGMENT_DATA_LENGTH,
            LogWriter.IN_FLIGHT_MAX,
            new Damages(clock, 60_000, Optional.empty()),
            reason -> {
              stopped.add(reason);
              if (deaf) {
                throw new IllegalStateException("nobody listens");
              }
            });
    int epoch =
        new Fence(bucket, World.KEY, World.SERVICE, clock, Spawner.virtual(), 0)
            .take(0, Optional.empty(), () -> TransactionId.random(Client.RANDOM).bytes())
            .epoch();
    shard.own(
        World.SERVICE,
        World.KEY,
        SegmentId.first(0, epoch),
        Bytes.wrap(new byte[16]),
        Client.RANDOM,
        Set.of());
    return shard;
  }

  private static void openAccount(ShardService shard) throws HoldfastException {
    AccountId account = AccountId.random(Client.RANDOM);
    shard.write(_ -> List.of(new LogRecord.AccountOpened(account, "account")));
  }

  @Test
  void nobodyWaitsForEverWhenTheLoopStops() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 0; round < 100; round++) {
        ShardService shard = own(new GatedBucket(new MemoryBucket()), new MemoryIndex(), false);
        List<Future<?>> callers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          callers.add(
              threads.submit(() -> {
                for (int call = 0; call < 50; call++) {
                  shard.position();
                }
                return null;
              }));
        }
        shard.stop();
        for (Future<?> caller : callers) {
          try {
            caller.get();
          } catch (ExecutionException e) {
            assertThat(e).hasCauseInstanceOf(UnavailableException.class);
          }
        }
        assertThatThrownBy(shard::position).isInstanceOf(UnavailableException.class);
      }
    }
  }

  @Test
  void whoWaitsForABucketIsToldThatTheServerStops() throws Exception {
    GatedBucket bucket = new GatedBucket(new MemoryBucket());
    ShardService shard = own(bucket, new MemoryIndex(), false);
    openAccount(shard);
    bucket.set(GatedBucket.Gate.CLOSED);
    int puts = bucket.puts();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> waits =
          threads.submit(() -> {
            openAccount(shard);
            return null;
          });
      bucket.awaitPuts(puts + 1);
      shard.stop();
      try {
        assertThatThrownBy(() -> waits.get(10, TimeUnit.SECONDS))
            .hasCauseInstanceOf(UnavailableException.class)
            .hasMessageContaining("stopping");
      } finally {
        waits.cancel(true);
      }
    } finally {
      bucket.set(GatedBucket.Gate.OPEN);
    }
  }

  @Test
  void logThatHasStoppedPutsNothingAgain() throws Exception {
    List<Thread> puts = new CopyOnWriteArrayList<>();
    Spawner spawner =
        (name, task) -> {
          Thread thread = Spawner.virtual().spawn(name, task);
          if (name.startsWith("put ")) {
            puts.add(thread);
          }
          return thread;
        };
    GatedBucket bucket = new GatedBucket(new MemoryBucket());
    ShardService shard = own(bucket, new MemoryIndex(), false, spawner);
    openAccount(shard);
    bucket.set(GatedBucket.Gate.FULL);
    assertThatThrownBy(() -> openAccount(shard)).isInstanceOf(UnavailableException.class);
    assertThatThrownBy(() ->
            shard.read(_ -> {
              throw new StackOverflowError("too deep");
            }))
        .hasRootCauseInstanceOf(StackOverflowError.class);
    try {
      for (Thread put : puts) {
        assertThat(put.join(Duration.ofSeconds(50))).as("the put has ended").isTrue();
      }
    } finally {
      shard.stop();
    }
  }

  @Test
  void segmentWhoseAnswerWasLostAndThatIsNotShownYetIsNobodyElses() throws Exception {
    FaultyBucket faulty = new FaultyBucket(new MemoryBucket());
    GatedBucket bucket = new GatedBucket(faulty);
    ShardService shard = own(bucket, new MemoryIndex(), false);
    faulty.fail(faulty.calls() + 1, FaultyBucket.Fault.AFTER);
    bucket.hide(SegmentId.first(0, 2).key(), 3, 0);
    openAccount(shard);
    assertThat(stopped).isEmpty();
    shard.close();
  }

  @Test
  void diskThatFailsIsToldToWhoWaits() throws Exception {
    GatedBucket bucket = new GatedBucket(new MemoryBucket());
    ShardService shard =
        own(bucket, new FullDisk(new IllegalStateException("the disk is full")), true);
    assertThatThrownBy(() -> openAccount(shard)).isInstanceOf(UnavailableException.class);
    assertThatThrownBy(() -> openAccount(shard)).isInstanceOf(UnavailableException.class);
    // Whoever waits is told first; the owner's last event comes after both.
    shard.stop();
    assertThat(stopped).hasSize(1);
  }

  @Test
  void errorInTheOwnersThreadStopsWritesAndNotReads() throws Exception {
    GatedBucket bucket = new GatedBucket(new MemoryBucket());
    ShardService shard = own(bucket, new FullDisk(new OutOfMemoryError("there is none")), false);
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> openAccount(shard))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("restores go on");
    }
    var accounts = shard.read(state -> state.accounts());
    assertThat(stopped).hasSize(1);
    assertThat(accounts).isEmpty();
    shard.close();
  }

  @Test
  void whatShouldNeverHappenIsKeptInAReport() throws Exception {
    GatedBucket bucket = new GatedBucket(new MemoryBucket());
    ShardService shard = own(bucket, new FullDisk(new OutOfMemoryError("there is none")), false);
    try (StateFolder state = StateFolder.open(folder)) {
      shard.reportDefects(state);
      assertThat(shard.defectReport()).isEmpty();
      assertThatThrownBy(() -> openAccount(shard)).isInstanceOf(UnavailableException.class);
      String report = Files.readString(Path.of(shard.defectReport().orElseThrow()));
      assertThat(report)
          .contains("OutOfMemoryError: there is none", "thread   shard 0", "epoch=2")
          .contains("1 EpochBegun", "2 Digest", "3 AccountOpened");
      shard.stop();
    }
  }

  @Test
  void errorInAQuestionIsToldToWhoAsks() throws Exception {
    ShardService shard = own(new GatedBucket(new MemoryBucket()), new MemoryIndex(), false);
    openAccount(shard);
    assertThatThrownBy(() ->
            shard.read(_ -> {
              throw new StackOverflowError("too deep");
            }))
        .hasRootCauseInstanceOf(StackOverflowError.class);
    assertThatThrownBy(() -> openAccount(shard)).isInstanceOf(UnavailableException.class);
    assertThat(shard.position().epoch()).isPositive();
    shard.stop();
  }

  @Test
  void bucketThatIsAwayOrFullIsTriedUntilItIsBack() throws Exception {
    GatedBucket bucket = new GatedBucket(new MemoryBucket());
    ShardService shard = own(bucket, new MemoryIndex(), false);
    openAccount(shard);
    for (GatedBucket.Gate gate : List.of(GatedBucket.Gate.FAILING, GatedBucket.Gate.FULL)) {
      bucket.set(gate);
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> openAccount(shard))
            .isInstanceOf(UnavailableException.class)
            .hasMessageContaining("at the moment");
      }
      int puts = bucket.puts();
      bucket.awaitPuts(puts + 30);
      bucket.set(GatedBucket.Gate.OPEN);
      awaitAccountOpened(shard);
    }
    assertThat(stopped).isEmpty();
    shard.close();
  }

  private static void awaitAccountOpened(ShardService shard) {
    while (true) {
      try {
        openAccount(shard);
        return;
      } catch (HoldfastException e) {
        Thread.yield();
      }
    }
  }

  @Test
  void listenerThatThrowsDoesNotEndReads() throws Exception {
    GatedBucket bucket = new GatedBucket(new MemoryBucket());
    ShardService shard = own(bucket, new MemoryIndex(), true);
    openAccount(shard);
    bucket.set(GatedBucket.Gate.BROKEN);
    assertThatThrownBy(() -> openAccount(shard)).isInstanceOf(UnavailableException.class);
    var accounts = shard.read(state -> state.accounts());
    assertThat(stopped).hasSize(1);
    assertThat(accounts.keySet()).as("only what is durable").hasSize(1);
    shard.close();
  }

  @Test
  void ownerThatWasFencedStops() throws Exception {
    MemoryBucket memory = new MemoryBucket();
    ShardService old = own(new GatedBucket(memory), new MemoryIndex(), false);
    openAccount(old);
    try (Service fresh = new World().own(memory, folder)) {
      assertThatThrownBy(() -> openAccount(old))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("taken this shard over");
      openAccount(fresh.shard());
      var accounts = fresh.shard().read(state -> state.accounts());
      assertThat(accounts.keySet()).hasSize(2);
    }
    old.stop();
  }

  @Test
  void ownerThatOnlyReadsLearnsThatItWasFenced() throws Exception {
    MemoryBucket memory = new MemoryBucket();
    ShardService old = own(new GatedBucket(memory), new MemoryIndex(), false);
    Random random = new Random(1);
    Saver saver = new Saver(random);
    saver.register(Saver.Acknowledged.AT_ONCE, old, random);
    clock.sleepMillis(60_000);
    old.machine(saver.id);
    clock.sleepMillis(60_000);
    assertThat(old.obstacle()).isEmpty();
    try (Service _ = new World().own(memory, folder)) {
      while (old.obstacle().isEmpty()) {
        // A look that was asked for earlier and runs late makes the owner sure up to its own time.
        clock.sleepMillis(60_000);
        old.machine(saver.id);
        Thread.yield();
      }
      assertThat(stopped).singleElement().isInstanceOf(ConflictException.class);
      assertThat(old.machine(saver.id)).isNotNull();
    }
    old.stop();
  }

  @Test
  void ownerThatWasFencedBlamesNoOtherBackup() throws Exception {
    MemoryBucket memory = new MemoryBucket();
    ShardService old = own(new GatedBucket(memory), new MemoryIndex(), false);
    Random random = new Random(1);
    Saver saver = new Saver(random);
    saver.register(Saver.Acknowledged.AT_ONCE, old, random);
    TransactionId transaction = TransactionId.random(Client.RANDOM);
    old.begin(new Message.Begin(saver.id, transaction, null));
    try (Service _ = new World().own(memory, folder)) {
      assertThatThrownBy(() -> openAccount(old)).isInstanceOf(UnavailableException.class);
      assertThatThrownBy(() ->
              old.has(
                  new Message.Has(
                      saver.id,
                      transaction,
                      BlockClass.CHUNK,
                      List.of(BlockName.of(new byte[32])))))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("taken this shard over");
    }
    old.stop();
  }

  /// Reads, but takes nothing.
  private static final class FullDisk extends ForwardingIndex {
    private final Throwable failure;

    FullDisk(Throwable failure) {
      super(new MemoryIndex());
      this.failure = failure;
    }

    @Override
    public void write(Batch batch) {
      if (failure instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) failure;
    }
  }
}
