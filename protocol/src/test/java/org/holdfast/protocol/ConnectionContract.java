package org.holdfast.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.holdfast.core.BlockClass;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.core.UnavailableException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What every connection promises, whatever carries it.
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
abstract class ConnectionContract {
  private static final int MIB = 1 << 20;

  private Connection client;
  private Connection server;

  /// Two ends of a new connection.
  abstract Pipe.Ends connect() throws Exception;

  @BeforeEach
  void connectOnce() throws Exception {
    Pipe.Ends ends = connect();
    client = ends.client();
    server = ends.server();
  }

  @AfterEach
  void closeBoth() {
    client.close();
    server.close();
  }

  @Test
  void messagesArriveInOrderBothWays() throws Exception {
    for (Received each : Samples.all().values()) {
      client.send(each.stream(), each.message());
      server.send(each.stream(), each.message());
    }
    for (Received each : Samples.all().values()) {
      assertThat(server.receive()).contains(each);
      assertThat(client.receive()).contains(each);
    }
  }

  @Test
  void storeWaitsForTheBudgetAndIsCharged() throws Exception {
    Share budget = new Share(MIB);
    budget.take(MIB, () -> false);
    server.meterStores(budget, new SystemClock(), Spawner.virtual());
    client.send(1, new Message.Ping());
    assertThat(server.receive().orElseThrow().leasedBytes()).as("other messages pass").isZero();
    Message store = Samples.all().get("store").message();
    client.send(2, store);
    CompletableFuture<Received> received = new CompletableFuture<>();
    Thread reader = Thread.ofPlatform().start(() -> complete(received));
    while (reader.getState() != Thread.State.WAITING || budget.availableBytes() > 0) {
      Thread.onSpinWait();
    }
    assertThat(received).isNotDone();
    budget.give(MIB);
    assertThat(received.get()).isEqualTo(new Received(2, store, Message.STORE_COST_MIN));
    assertThat(budget.availableBytes()).isEqualTo(MIB - Message.STORE_COST_MIN);
  }

  @Test
  void closingWakesWhoWaitsForTheBudget() throws Exception {
    Share budget = new Share(MIB);
    budget.take(MIB, () -> false);
    server.meterStores(budget, new SystemClock(), Spawner.virtual());
    client.send(2, Samples.all().get("store").message());
    CompletableFuture<Received> received = new CompletableFuture<>();
    Thread reader = Thread.ofPlatform().start(() -> complete(received));
    while (reader.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    server.close();
    assertThatThrownBy(received::get).hasCauseInstanceOf(UnavailableException.class);
    budget.give(MIB);
    assertThat(budget.availableBytes()).isEqualTo(MIB);
  }

  @Test
  void storesThatComeAfterTheLastMessageLeaveTheBudgetFull() throws Exception {
    Share budget = new Share(MIB);
    server.meterStores(budget, new SystemClock(), Spawner.virtual());
    for (int i = 0; i < 3; i++) {
      client.send(2, Samples.all().get("store").message());
    }
    Message last = new Message.Goodbye("enough");
    CompletableFuture<Void> parting =
        start(() -> Parting.say(server, last, new SystemClock(), Spawner.virtual(), 20_000));
    assertThat(client.receive()).contains(new Received(0, last));
    client.close();
    parting.get();
    assertThat(budget.availableBytes()).isEqualTo(MIB);
  }

  private void complete(CompletableFuture<Received> received) {
    try {
      received.complete(server.receive().orElseThrow());
    } catch (Exception e) {
      received.completeExceptionally(e);
    }
  }

  @Test
  void blocksOfEverySizeArriveWhole() throws Exception {
    Random random = new Random(7);
    List<Message> sent = new ArrayList<>();
    for (int length : new int[] {1, 16_000, 65_535, 65_536, 65_537, 3 * MIB + 1, 16 * MIB}) {
      byte[] bytes = new byte[length];
      random.nextBytes(bytes);
      sent.add(store(ByteBuffer.wrap(bytes)));
      int cut = random.nextInt(length);
      ByteBuffer direct = ByteBuffer.allocateDirect(length - cut).put(bytes, cut, length - cut);
      sent.add(store(ByteBuffer.wrap(bytes, 0, cut), direct.flip()));
    }
    CompletableFuture<Void> sender = start(() -> sendAll(client, sent));
    for (Message each : sent) {
      assertThat(server.receive().orElseThrow().message()).isEqualTo(each);
    }
    sender.get();
  }

  /// Shorter and longer than what is gathered before it is written.
  @Test
  void bytesThatAreNotKeptMayChangeOnceTheyAreSent() throws Exception {
    assumeFalse(client.keepsBytes());
    for (int length : new int[] {1_000, 60_000, 66_000, 100_000}) {
      byte[] bytes = new byte[length];
      new Random(length).nextBytes(bytes);
      Message copy = store(ByteBuffer.wrap(bytes.clone()));
      client.send(1, store(ByteBuffer.wrap(bytes)));
      Arrays.fill(bytes, (byte) 0);
      assertThat(server.receive().orElseThrow().message()).isEqualTo(copy);
    }
  }

  @Test
  void manyThreadsSendWithoutMixingTheirMessages() throws Exception {
    int threads = 8;
    int each = 300;
    List<CompletableFuture<Void>> senders = new ArrayList<>();
    for (int thread = 0; thread < threads; thread++) {
      int stream = thread + 1;
      senders.add(start(() -> sendRun(stream, each)));
    }
    int[] next = new int[threads + 1];
    for (int i = 0; i < threads * each; i++) {
      Received received = server.receive().orElseThrow();
      int number = next[received.stream()]++;
      assertThat(received.message()).isEqualTo(numbered(received.stream(), number));
    }
    for (CompletableFuture<Void> sender : senders) {
      sender.get();
    }
  }

  @Test
  void whatWasSentBeforeCloseArrivesThenTheEnd() throws Exception {
    client.send(0, new Message.Ping());
    client.send(0, new Message.Goodbye("done"));
    client.close();
    assertThat(server.receive()).isPresent();
    assertThat(server.receive()).contains(new Received(0, new Message.Goodbye("done")));
    assertThat(server.receive()).isEmpty();
  }

  @Test
  void closingHereWakesTheReceiver() throws Exception {
    CompletableFuture<Void> receiver = start(() -> client.receive());
    client.close();
    assertUnavailable(receiver);
    assertThatThrownBy(() -> client.receive()).isInstanceOf(UnavailableException.class);
    assertThatThrownBy(() -> client.send(0, new Message.Ping()))
        .isInstanceOf(UnavailableException.class);
    client.close();
  }

  @Test
  void closingHereWakesSendersThatAreStuck() throws Exception {
    List<CompletableFuture<Void>> senders = List.of(start(this::flood), start(this::flood));
    assertThat(server.receive()).isPresent();
    client.close();
    for (CompletableFuture<Void> sender : senders) {
      assertUnavailable(sender);
    }
  }

  @Test
  void closingThereWakesReceiverAndSenders() throws Exception {
    CompletableFuture<Void> receiver = start(() -> assertThat(client.receive()).isEmpty());
    CompletableFuture<Void> sender = start(this::flood);
    assertThat(server.receive()).isPresent();
    server.close();
    assertUnavailable(sender);
    try {
      receiver.get(10, TimeUnit.SECONDS);
    } catch (ExecutionException reset) {
      assertThat(reset.getCause()).isInstanceOf(UnavailableException.class);
    }
  }

  @Test
  void longPayloadsAreRefusedOnceTheyAreLimited() throws Exception {
    server.limitPayload(70);
    client.send(1, store(ByteBuffer.allocate(5)));
    assertThat(server.receive()).isPresent();
    client.send(1, store(ByteBuffer.allocate(6)));
    assertThatThrownBy(() -> server.receive()).hasMessageContaining("too long");
  }

  @Test
  void bothEndsHaveTheSameBindingAndKey() {
    assertThat(client.binding()).isEqualTo(server.binding());
    assertThat(client.binding().length()).isEqualTo(32);
    assertThat(client.serverKey()).isEqualTo(server.serverKey());
    assertThat(client.serverKey().length()).isEqualTo(32);
  }

  /// Runs on a virtual thread, as the program does.
  static CompletableFuture<Void> start(Failing task) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread.startVirtualThread(() -> {
      try {
        task.run();
        done.complete(null);
      } catch (Throwable e) {
        done.completeExceptionally(e);
      }
    });
    return done;
  }

  static void assertUnavailable(CompletableFuture<Void> task) {
    assertThatThrownBy(() -> task.get(10, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(UnavailableException.class);
  }

  static Message store(ByteBuffer... pieces) {
    return new Message.Store(
        Samples.MACHINE,
        Samples.TRANSACTION,
        BlockClass.CHUNK,
        Samples.NAME,
        BlockBytes.of(pieces));
  }

  private void flood() throws Exception {
    while (true) {
      client.send(1, store(ByteBuffer.allocate(MIB)));
    }
  }

  private void sendRun(int stream, int count) throws Exception {
    for (int i = 0; i < count; i++) {
      client.send(stream, numbered(stream, i));
    }
  }

  private static void sendAll(Connection to, List<Message> messages) throws Exception {
    for (Message each : messages) {
      to.send(1, each);
    }
  }

  /// Of lengths around the size at which a block no longer shares the buffer.
  private static Message numbered(int stream, int number) {
    byte[] bytes = new byte[number % 3 == 0 ? 66_000 + number : 1 + number];
    Arrays.fill(bytes, (byte) (31 * stream + number));
    return store(ByteBuffer.wrap(bytes));
  }

  /// A task that may fail.
  interface Failing {
    void run() throws Exception;
  }
}
