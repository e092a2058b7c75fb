package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.holdfast.bucket.FaultyBucket;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.core.AccountId;
import org.holdfast.core.Bytes;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogRecord;
import org.holdfast.log.LogWriter;
import org.holdfast.server.index.ForwardingIndex;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.IndexException;
import org.holdfast.server.index.RocksIndex;
import org.holdfast.server.shard.AfterCrash;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AfterCrashTest {
  private static final LogRecord OPENED =
      new LogRecord.AccountOpened(new AccountId(Bytes.wrap(new byte[16])), "new");

  @TempDir Path folder;

  private final World world = new World();
  private final MemoryBucket bucket = new MemoryBucket();
  private final History history = new History(31, world.clock);

  @BeforeEach
  void work() throws Exception {
    try (Service service = start(AfterCrash.HOLD)) {
      assertThat(service.held()).as("a first start").isEmpty();
      history.on(service.shard());
      history.run(80);
    }
    world.told.clear();
  }

  private Service start(AfterCrash policy) throws Exception {
    return Service.start(world.terms(bucket), folder, policy, world, world.stopped::add);
  }

  private void crash() throws Exception {
    Files.deleteIfExists(folder.resolve("clean"));
  }

  @Test
  void whoHoldsServesRestoresAloneUntilAPersonHasLooked() throws Exception {
    crash();
    int segments = World.counted(bucket).size();
    for (int life = 0; life < 2; life++) {
      try (Service service = start(AfterCrash.HOLD)) {
        assertThat(service.held())
            .hasValueSatisfying(
                why -> assertThat(why).contains("restores go on", "--after-crash verify"));
        assertThat(service.shard().obstacle()).isEqualTo(service.held());
        history.on(service.shard());
        history.check();
        assertThatThrownBy(() -> service.shard().write(_ -> List.of(OPENED)))
            .isInstanceOf(RefusedException.class)
            .hasMessageContaining("a person is to look first");
      }
    }
    assertThat(World.counted(bucket)).as("nothing is taken over").hasSize(segments);
    for (AfterCrash policy : List.of(AfterCrash.VERIFY, AfterCrash.HOLD)) {
      try (Service service = start(policy)) {
        assertThat(service.held()).isEmpty();
        service.shard().write(_ -> List.of());
        history.on(service.shard());
        history.run(10);
        history.check();
      }
    }
  }

  @Test
  void whoVerifiesReadsTheIndexAndWhoServesTrustsIt() throws Exception {
    crash();
    start(AfterCrash.VERIFY).close();
    assertThat(world.told).anyMatch(told -> told.startsWith("proven"));
    world.told.clear();
    crash();
    try (Service service = start(AfterCrash.SERVE)) {
      assertThat(service.held()).isEmpty();
      history.on(service.shard());
      history.check();
    }
    assertThat(world.told).noneMatch(told -> told.startsWith("proven"));
  }

  @Test
  void startThatTheBucketDidNotAnswerIsNoCrash() throws Exception {
    FaultyBucket faulty = new FaultyBucket(bucket);
    faulty.fail(faulty.calls() + 1, FaultyBucket.Fault.BEFORE);
    assertThatThrownBy(
            () -> Service.start(world.terms(faulty), folder, AfterCrash.HOLD, world, _ -> {}))
        .isInstanceOf(UnavailableException.class);
    try (Service service = start(AfterCrash.HOLD)) {
      assertThat(service.held()).isEmpty();
      history.on(service.shard());
      history.check();
    }
  }

  @Test
  void indexThatWasTrustedOnlyIsNotTakenForProvenLater() throws Exception {
    crash();
    FaultyBucket faulty = new FaultyBucket(bucket);
    faulty.fail(faulty.calls() + 1, FaultyBucket.Fault.BEFORE);
    assertThatThrownBy(
            () -> Service.start(world.terms(faulty), folder, AfterCrash.SERVE, world, _ -> {}))
        .isInstanceOf(UnavailableException.class);
    start(AfterCrash.VERIFY).close();
    assertThat(world.told).anyMatch(told -> told.startsWith("proven"));
  }

  @Test
  void startThatEndsOnAFullDiskLetsGoOfTheFolder() throws Exception {
    FaultyBucket faulty = new FaultyBucket(bucket);
    faulty.fail(faulty.calls() + 1, FaultyBucket.Fault.BEFORE);
    Service.Terms full =
        world.terms(
            faulty, LogWriter.SEGMENT_DATA_LENGTH, path -> new FullDisk(RocksIndex.open(path)));
    assertThatThrownBy(() -> Service.start(full, folder, AfterCrash.HOLD, world, _ -> {}))
        .isInstanceOf(UnavailableException.class);
    start(AfterCrash.VERIFY).close();
    assertThat(world.told).as("nobody knows").anyMatch(told -> told.startsWith("proven"));
  }

  @Test
  void diskOnWhichTheIndexCannotBeOpenedIsNoCrash() throws Exception {
    Service.Terms full =
        world.terms(
            bucket,
            LogWriter.SEGMENT_DATA_LENGTH,
            path -> {
              throw new UnavailableException("no room", 0);
            });
    assertThatThrownBy(() -> Service.start(full, folder, AfterCrash.HOLD, world, _ -> {}))
        .isInstanceOf(UnavailableException.class)
        .hasMessage("no room");
    try (Service service = start(AfterCrash.HOLD)) {
      assertThat(service.held()).isEmpty();
    }
  }

  @Test
  void indexWhosePositionCannotBeReadIsMadeAnew() throws Exception {
    crash();
    AtomicInteger opened = new AtomicInteger();
    Service.Terms harmed =
        world.terms(
            bucket,
            LogWriter.SEGMENT_DATA_LENGTH,
            path -> {
              Index index = RocksIndex.open(path);
              return opened.incrementAndGet() > 1
                  ? index
                  : new ForwardingIndex(index) {
                    @Override
                    public byte[] get(byte[] key) {
                      throw new IndexException("read", new IOException("checksum mismatch"));
                    }
                  };
            });
    try (Service service = Service.start(harmed, folder, AfterCrash.VERIFY, world, _ -> {})) {
      history.on(service.shard());
      history.check();
    }
    assertThat(world.told).anyMatch(told -> told.startsWith("discarded it cannot be read"));
  }

  @Test
  void emptyFolderIsNoCrash() throws Exception {
    try (Service service =
        Service.start(
            world.terms(bucket), folder.resolve("new"), AfterCrash.HOLD, world, _ -> {})) {
      assertThat(service.held()).isEmpty();
    }
  }
}
