package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.core.BlockClass;
import org.holdfast.core.Clock;
import org.holdfast.core.Right;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.core.TransactionId;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.Pipe;
import org.holdfast.protocol.ServerMode;
import org.holdfast.protocol.Session;
import org.holdfast.server.index.RocksIndex;
import org.holdfast.server.session.Sessions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a small backup costs on a server that has nothing else to do: the linger and one PUT.
@Timeout(60)
class GroupCommitTest {
  private static final Spawner SPAWNER = Spawner.virtual();
  private static final Clock REAL = new SystemClock();
  private static final long LINGER_MILLIS = 5;

  @TempDir Path folder;

  /// Only the server's waits make its time pass.
  private final TestClock clock = new TestClock();

  private final GatedBucket bucket = new GatedBucket(new MemoryBucket());
  private Service service;
  private Sessions sessions;
  private Client client;
  private Session session;

  @BeforeEach
  void start() throws Exception {
    Service.Terms terms =
        new Service.Terms(
            World.SERVICE,
            World.KEY,
            bucket,
            clock,
            SPAWNER,
            new SecureRandom(),
            LINGER_MILLIS,
            60_000,
            RocksIndex::open);
    service = Service.own(terms, folder.resolve("state"), new World(), _ -> {});
    sessions = new Sessions(service.shard(), World.SERVICE, ServerMode.ALL, REAL, SPAWNER);
    client = new Client().invited(service.shard(), "", REAL.wallMillis() + 60_000);
    client.register(connect());
    session = connect();
    client.prove(session, Right.WRITE);
    service.shard().awaitDurable();
  }

  @AfterEach
  void stop() throws Exception {
    bucket.set(GatedBucket.Gate.OPEN);
    session.close();
    sessions.close();
    service.close();
  }

  private Session connect() throws Exception {
    Pipe.Ends ends = Pipe.open(1 << 20, Client.RANDOM);
    Connection server = ends.server();
    SPAWNER.spawn("session", () -> sessions.handle(server));
    return Session.open(ends.client(), REAL, SPAWNER, "test");
  }

  @Test
  void anIdleSmallBackupWaitsForTheLingerAndOnePut() throws Exception {
    byte[] chunk = new byte[100_000];
    new Random(3).nextBytes(chunk);
    int puts = bucket.puts();
    bucket.set(GatedBucket.Gate.CLOSED);
    long sequence = session.state(client.machine).highestSequence() + 1;
    TransactionId transaction = client.begin(session);
    client.store(session, transaction, BlockClass.CHUNK, chunk);
    BlockRef root = client.store(session, transaction, BlockClass.ROOT, new byte[] {1});
    long start = clock.wallMillis();
    CompletableFuture<Void> committed = new CompletableFuture<>();
    SPAWNER.spawn(
        "commit",
        () -> {
          try {
            session.commit(client.machine, transaction, root.name(), sequence);
            committed.complete(null);
          } catch (Throwable e) {
            committed.completeExceptionally(e);
          }
        });
    bucket.awaitPuts(puts + 1);
    assertThat(clock.wallMillis() - start).as("before the PUT").isEqualTo(LINGER_MILLIS);
    assertThat(committed).isNotDone();
    bucket.set(GatedBucket.Gate.OPEN);
    committed.get(10, TimeUnit.SECONDS);
    assertThat(clock.wallMillis() - start).as("nothing after it").isEqualTo(LINGER_MILLIS);
    assertThat(bucket.puts()).as("of all of the backup").isEqualTo(puts + 1);
  }
}
