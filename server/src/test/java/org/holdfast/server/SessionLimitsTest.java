package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Right;
import org.holdfast.core.TransactionId;
import org.holdfast.core.UnavailableException;
import org.holdfast.protocol.BlockBytes;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.ServerMode;
import org.holdfast.protocol.Session;
import org.holdfast.server.session.Limits;
import org.holdfast.server.session.Sessions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SessionLimitsTest extends WithSessions {
  private void limit(Limits limits) {
    sessions.close();
    sessions = new Sessions(service.shard(), World.SERVICE, ServerMode.ALL, limits, CLOCK, SPAWNER);
  }

  @Test
  void sessionsBeyondTheLimitAreToldToComeBack() throws Exception {
    limit(new Limits(Limits.BYTES_MIN, Limits.BYTES_MIN, 2));
    Session first = connect();
    connect();
    assertThatThrownBy(this::connect)
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("as many as it takes");
    first.close();
    while (sessions.count() > 1) {
      Thread.yield();
    }
    connect();
  }

  @Test
  void storesOfAllSessionsShareABudgetAndWaitOutsideIt() throws Exception {
    limit(new Limits(2 * 17 * MIB, Limits.BYTES_MIN, 10));
    List<Client> clients = new ArrayList<>();
    List<Session> writers = new ArrayList<>();
    List<TransactionId> transactions = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      clients.add(registered());
      writers.add(connect(clients.get(i), Right.WRITE, Right.READ));
      transactions.add(clients.get(i).begin(writers.get(i)));
    }
    List<BlockRef> kept = clients.get(3).backUp(connect(clients.get(3), Right.WRITE), bytes(9, 9));
    bucket.set(GatedBucket.Gate.CLOSED);
    int before = bucket.puts();
    byte[] large = bytes(16 * MIB, 3);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Object>> all = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        int each = i;
        all.add(() -> {
          for (int block = 0; block < 3; block++) {
            clients
                .get(each)
                .store(writers.get(each), transactions.get(each), BlockClass.CHUNK, large);
          }
          writers.get(each).commit(clients.get(each).machine, transactions.get(each), null, 0);
          return each;
        });
      }
      List<Future<Object>> commits = all.stream().map(threads::submit).toList();
      try {
        bucket.awaitPuts(before + 4);
        // Restores need none of that memory.
        Session reader = connect(clients.get(3), Right.READ);
        assertThat(clients.get(3).fetch(reader, kept)).hasSize(1);
        until(() -> sessions.heldStoreBytes() > 0);
        assertThat(sessions.heldStoreBytes()).isLessThanOrEqualTo(2L * 17 * MIB);
        assertThat(commits).as("they wait").noneMatch(Future::isDone);
      } finally {
        bucket.set(GatedBucket.Gate.OPEN);
      }
      for (Future<?> commit : commits) {
        commit.get();
      }
    }
    until(() -> sessions.heldStoreBytes() == 0);
  }

  private static void until(BooleanSupplier holds) {
    while (!holds.getAsBoolean()) {
      assertThat(Thread.interrupted()).as("it takes too long").isFalse();
      Thread.yield();
    }
  }

  @Test
  void sessionThatDiesLeavesTheBudgetToOthers() throws Exception {
    limit(new Limits(2 * 17 * MIB, Limits.BYTES_MIN, 10));
    Client dying = registered();
    Client living = registered();
    Session writer = connect(living, Right.WRITE);
    TransactionId transaction = living.begin(writer);
    Session dead = connect(dying, Right.WRITE);
    TransactionId abandoned = dying.begin(dead);
    bucket.set(GatedBucket.Gate.CLOSED);
    int before = bucket.puts();
    byte[] large = bytes(16 * MIB, 3);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> stores =
          threads.submit(() -> {
            for (int i = 0; i < 12; i++) {
              dying.store(dead, abandoned, BlockClass.CHUNK, large);
            }
            return null;
          });
      bucket.awaitPuts(before + 4);
      dead.close();
      outcome(stores);
      while (sessions.count() > 3) {
        Thread.yield();
      }
      // Nothing of the dead session's waits for room any more: this block is read at once, and the
      // session answers what comes behind it.
      living.store(writer, transaction, BlockClass.CHUNK, large);
      living.prove(writer, Right.WRITE);
    }
  }

  @Test
  void strangersTakeNothingFromTheBudgetOfStores() throws Exception {
    limit(new Limits(Limits.BYTES_MIN, Limits.BYTES_MIN, 10));
    Client client = registered();
    Message store = unprovenStore(client);
    int all = (int) (Limits.BYTES_MIN / (60 << 10)) + 1;
    // As the first message: that session ends before it has begun.
    for (int i = 0; i < all; i++) {
      send(carrier(), store, 1);
    }
    backsUpALargeBlock(client);
    // After HELLO, and on and on while the server says why it ends the session.
    Connection raw = carrier();
    raw.send(0, new Message.Hello(1, 1, "raw"));
    raw.receive();
    send(raw, store, all);
    backsUpALargeBlock(client);
  }

  private static void send(Connection raw, Message store, int times) {
    try {
      for (int i = 0; i < times; i++) {
        raw.send(2, store);
      }
      raw.receive();
    } catch (HoldfastException e) {
      // The server may close as soon as it likes.
    }
    raw.close();
  }

  private static Message unprovenStore(Client client) {
    return new Message.Store(
        client.machine,
        TransactionId.random(Client.RANDOM),
        BlockClass.CHUNK,
        BlockName.random(Client.RANDOM),
        BlockBytes.of(ByteBuffer.allocate(60 << 10)));
  }

  private void backsUpALargeBlock(Client client) throws Exception {
    Session writer = connect(client, Right.WRITE);
    assertThat(inTime(() -> client.backUp(writer, bytes(16 * MIB, 5)).size())).isEqualTo(1);
    writer.close();
  }

  @Test
  void fetchesShareABudgetAndAllComeThrough() throws Exception {
    limit(new Limits(Limits.BYTES_MIN, Limits.BYTES_MIN, 20));
    Client client = registered();
    Session writer = connect(client, Right.WRITE);
    byte[][] chunks = new byte[6][];
    for (int i = 0; i < chunks.length; i++) {
      chunks[i] = bytes(7 * MIB, i);
    }
    List<BlockRef> refs = client.backUp(writer, chunks);
    Session silent = connect(client, Right.READ);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Integer>> all = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        Session reader = connect(client, Right.READ);
        Client hands = new Client(client);
        all.add(() -> hands.fetch(reader, refs).size());
      }
      for (Future<Integer> each : threads.invokeAll(all)) {
        assertThat(each.get()).isEqualTo(refs.size());
      }
    }
    silent.close();
  }

  @Test
  void machineThatOpensManySessionsAndReadsNoBlocksLeavesMemoryToOthers() throws Exception {
    limit(new Limits(Limits.BYTES_MIN, 2 * Limits.BYTES_MIN, 20));
    Client client = registered();
    List<BlockRef> refs = client.backUp(connect(client, Right.WRITE), bytes(7 * MIB, 1));
    Client other = registered();
    List<BlockRef> others = other.backUp(connect(other, Right.WRITE), bytes(7 * MIB, 2));
    int before = bucket.gets.get();
    List<Connection> deaf = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Connection each = proven(client, client.keys.get(1));
      deaf.add(each);
      for (int stream = 2; stream < 20; stream++) {
        each.send(stream, new Message.Fetch(client.machine, 16 * MIB, refs));
      }
    }
    while (bucket.gets.get() < before + 3) {
      Thread.yield();
    }
    Session reader = connect(other, Right.READ);
    int fetched =
        inTime(() -> {
          int blocks = 0;
          for (int i = 0; i < 10; i++) {
            blocks += new Client(other).fetch(reader, others).size();
          }
          return blocks;
        });
    assertThat(fetched).isEqualTo(10);
    deaf.forEach(Connection::close);
  }

  @Test
  void machineThatOpensManySessionsAndStoresLeavesMemoryToOthers() throws Exception {
    limit(new Limits(8 * 16 * MIB, Limits.BYTES_MIN, 40));
    Client greedy = registered();
    Client other = registered();
    Session writer = connect(other, Right.WRITE);
    TransactionId transaction = other.begin(writer);
    TransactionId much = greedy.begin(connect(greedy, Right.WRITE));
    bucket.set(GatedBucket.Gate.CLOSED);
    int before = bucket.puts();
    byte[] large = bytes(16 * MIB, 3);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<BlockRef>> all = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        Session each = connect(greedy, Right.WRITE);
        all.add(() -> greedy.store(each, much, BlockClass.CHUNK, large));
      }
      for (Future<BlockRef> each : threads.invokeAll(all)) {
        each.get();
      }
    }
    bucket.awaitPuts(before + 4);
    // Read at once, with what comes behind it.
    other.store(writer, transaction, BlockClass.CHUNK, large);
    inTime(() -> {
      other.prove(writer, Right.WRITE);
      return 1;
    });
  }

  @Test
  void requestsThatNameMoreThanThereIsMemoryForAreRefusedAndLeaveRoomToOthers() throws Exception {
    Client client = registered();
    List<BlockRef> refs = new ArrayList<>();
    for (int i = 0; i < 4096; i++) {
      refs.add(new BlockRef(BlockClass.CHUNK, BlockName.random(Client.RANDOM)));
    }
    List<Connection> greedy = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Connection each = proven(client, client.keys.get(1));
      greedy.add(each);
      // What comes is not read, and all of it waits.
      for (int stream = 2; stream < 40; stream++) {
        each.send(stream, new Message.Fetch(client.machine, 16 * MIB, refs));
      }
    }
    // How many are answered before it comes to that depends on who is faster.
    Message refused = greedy.getLast().receive().orElseThrow().message();
    while (!(refused instanceof Message.Failure)) {
      refused = greedy.getLast().receive().orElseThrow().message();
    }
    assertThat(refused.toString()).contains("too much is asked for", "UNAVAILABLE");
    assertThat(sessions.heldBytes()).isLessThanOrEqualTo((36L + 48) * MIB);
    Client other = registered();
    List<BlockRef> others = other.backUp(connect(other, Right.WRITE), bytes(100, 2));
    Session reader = connect(other, Right.READ);
    assertThat(inTime(() -> other.fetch(reader, others).size())).isEqualTo(1);
    greedy.forEach(Connection::close);
    open.forEach(Session::close);
    assertThat(
            inTime(() -> {
              while (sessions.heldBytes() > 0) {
                Thread.yield();
              }
              return 0;
            }))
        .isZero();
  }

  private static int inTime(Callable<Integer> task) throws Exception {
    CompletableFuture<Integer> done = new CompletableFuture<>();
    SPAWNER.spawn(
        "in time",
        () -> {
          try {
            done.complete(task.call());
          } catch (Exception e) {
            done.completeExceptionally(e);
          }
        });
    return done.get(20, TimeUnit.SECONDS);
  }

  @Test
  void clientThatDoesNotReadItsErrorsGetsNoCreditForMore() throws Exception {
    Client client = registered();
    Connection raw = proven(client);
    TransactionId nobody = TransactionId.random(Client.RANDOM);
    BlockBytes block = BlockBytes.of(ByteBuffer.allocate(MIB));
    List<Integer> sent = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      // Within credit every block may come; not one of the answers is read.
      Future<?> stores =
          threads.submit(() -> {
            for (int i = 0; i < 32; i++) {
              BlockName name = BlockName.random(Client.RANDOM);
              raw.send(2, new Message.Store(client.machine, nobody, BlockClass.CHUNK, name, block));
              sent.add(i);
            }
            return null;
          });
      stores.get();
    }
    int errors = 0;
    long credit = 0;
    while (credit < 32L * MIB) {
      switch (raw.receive().orElseThrow().message()) {
        case Message.Failure _ -> errors++;
        case Message.MoreCredit more -> {
          credit += more.bytes();
          assertThat(credit)
              .as("no credit before the answer")
              .isLessThanOrEqualTo((long) errors * MIB);
        }
        case Message other -> throw new AssertionError(other);
      }
    }
    assertThat(errors).isEqualTo(32);
    raw.close();
  }

  @Test
  void serverThatStopsSaysGoodbye() throws Exception {
    Connection raw = carrier();
    raw.send(0, new Message.Hello(1, 1, "raw"));
    raw.receive();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> stop = threads.submit(sessions::close);
      assertThat(raw.receive().orElseThrow().message()).isInstanceOf(Message.Goodbye.class);
      raw.close();
      stop.get();
    }
    assertThat(sessions.count()).isZero();
  }
}
