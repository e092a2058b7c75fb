package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.ConflictException;
import org.holdfast.core.CorruptException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Right;
import org.holdfast.core.TransactionId;
import org.holdfast.core.UnavailableException;
import org.holdfast.protocol.BlockBytes;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.ErrorCode;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SessionsTest extends WithSessions {
  @Test
  void inviteRegistersOneMachineOnce() throws Exception {
    Client client = new Client().invited(service.shard(), "", CLOCK.wallMillis() + 60_000);
    Session session = connect();
    client.register(session);
    long records = service.shard().read(state -> state.position().nextRecord());
    client.register(session);
    client.register(connect());
    long after = service.shard().read(state -> state.position().nextRecord());
    assertThat(after).isEqualTo(records);
    Client other = new Client();
    assertThatThrownBy(() ->
            session.register(client.invite, client.secret, other.machine, "laptop", other.keys))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("used already");
    assertThatThrownBy(() ->
            session.register(client.invite, client.secret, client.machine, "laptop", other.keys))
        .isInstanceOf(RefusedException.class);
  }

  @Test
  void inviteThatDoesNotFitIsRefused() throws Exception {
    Client client = new Client().invited(service.shard(), "desktop", CLOCK.wallMillis() + 60_000);
    Session session = connect();
    assertThatThrownBy(() ->
            session.register(
                client.invite,
                BlockName.random(Client.RANDOM).bytes(),
                client.machine,
                "desktop",
                client.keys))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("not valid");
    assertThatThrownBy(() -> client.register(session))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("desktop");
    assertThatThrownBy(() -> new Client().register(session))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("not valid");
    Client late = new Client().invited(service.shard(), "", CLOCK.wallMillis() - 1);
    assertThatThrownBy(() -> late.register(session))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("expired");
    var machines = service.shard().read(state -> state.machines());
    assertThat(machines.keySet()).isEmpty();
  }

  @Test
  void onlyTheKeysOwnerProvesARight() throws Exception {
    Client client = registered();
    Session session = connect();
    assertThatThrownBy(
            () -> session.prove(client.machine, Right.WRITE, Client.key(Right.WRITE).privateKey()))
        .isInstanceOf(RefusedException.class);
    assertThatThrownBy(
            () -> session.prove(client.machine, Right.WRITE, client.keys.get(1).privateKey()))
        .isInstanceOf(RefusedException.class);
    assertThatThrownBy(
            () -> session.prove(client.machine, Right.TIDY, client.keys.get(0).privateKey()))
        .isInstanceOf(RefusedException.class);
    assertThatThrownBy(() -> new Client().prove(session, Right.WRITE))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("does not know this machine");
    assertThatThrownBy(() -> session.state(client.machine)).isInstanceOf(RefusedException.class);
  }

  @Test
  void writeKeyNeitherListsNorFetchesAndReadKeyWritesNothing() throws Exception {
    Client client = registered();
    Session writer = connect(client, Right.WRITE);
    List<BlockRef> refs = client.backUp(writer, bytes(1000, 1));
    assertThatThrownBy(() -> writer.archives(client.machine)).isInstanceOf(RefusedException.class);
    assertThatThrownBy(() -> client.fetch(writer, refs)).isInstanceOf(RefusedException.class);
    Session reader = connect(client, Right.READ);
    assertThat(reader.archives(client.machine)).hasSize(1);
    TransactionId transaction = TransactionId.random(Client.RANDOM);
    assertThatThrownBy(() -> reader.begin(client.machine, transaction, null))
        .isInstanceOf(RefusedException.class);
    assertThatThrownBy(() -> reader.commit(client.machine, transaction, null, 0))
        .isInstanceOf(RefusedException.class);
    assertThatThrownBy(() -> reader.cancel(client.machine, transaction))
        .isInstanceOf(RefusedException.class);
    Client other = registered();
    assertThatThrownBy(() -> other.fetch(reader, refs)).isInstanceOf(RefusedException.class);
    client.store(reader, transaction, BlockClass.CHUNK, bytes(10, 2));
    assertThatThrownBy(() -> reader.state(client.machine)).isInstanceOf(RefusedException.class);
  }

  @Test
  void commitIsRepeatedWithoutEffect() throws Exception {
    Client client = registered();
    Session session = connect(client, Right.WRITE, Right.READ);
    TransactionId transaction = client.begin(session);
    BlockRef root = client.store(session, transaction, BlockClass.ROOT, bytes(10, 1));
    session.commit(client.machine, transaction, root.name(), 1);
    session.commit(client.machine, transaction, root.name(), 1);
    Session again = connect(client, Right.WRITE);
    again.commit(client.machine, transaction, root.name(), 1);
    assertThat(session.archives(client.machine)).hasSize(1);
    assertThatThrownBy(() -> session.begin(client.machine, transaction, null))
        .isInstanceOf(ConflictException.class);
    assertThatThrownBy(
            () -> session.begin(client.machine, TransactionId.random(Client.RANDOM), null))
        .isInstanceOf(ConflictException.class);
  }

  @Test
  void takeoverFailsTheOldTransactionsNextRequest() throws Exception {
    Client client = registered();
    Session old = connect(client, Right.WRITE);
    TransactionId first = client.begin(old);
    client.store(old, first, BlockClass.CHUNK, bytes(10, 1));
    Session fresh = connect(client, Right.WRITE);
    TransactionId second = client.begin(fresh);
    assertThatThrownBy(() -> old.has(client.machine, first, BlockClass.CHUNK, names()))
        .isInstanceOf(ConflictException.class);
    assertThatThrownBy(() -> old.commit(client.machine, first, null, 0))
        .isInstanceOf(ConflictException.class);
    assertThat(fresh.begin(client.machine, second, null)).as("resumed").isTrue();
    fresh.commit(client.machine, second, null, 0);
  }

  @Test
  void whatComesBehindAFailedBlockFailsUntilTheTransactionIsBegunAgain() throws Exception {
    Client client = registered();
    Session old = connect(client, Right.WRITE);
    TransactionId first = client.begin(old);
    Session fresh = connect(client, Right.WRITE);
    TransactionId second = client.begin(fresh);
    client.store(old, first, BlockClass.CHUNK, bytes(10, 1));
    // By the time the old session commits, its transaction is open again: the block is not there.
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 1000; i++) {
                client.store(old, first, BlockClass.CHUNK, bytes(10, 2));
                old.state(client.machine);
              }
            })
        .isInstanceOf(ConflictException.class);
    fresh.cancel(client.machine, second);
    fresh.begin(client.machine, first, null);
    Session third = connect(client, Right.WRITE);
    third.begin(client.machine, first, null);
    third.commit(client.machine, first, null, 0);
  }

  @Test
  void serverPoisonsWhatAClientSendsAhead() throws Exception {
    Client client = registered();
    Session control = connect(client, Right.WRITE);
    Connection raw = carrier();
    raw.send(0, new Message.Hello(1, 1, "raw"));
    raw.receive();
    var text = org.holdfast.protocol.Proof.session(raw, World.SERVICE, client.machine, Right.WRITE);
    var proof = org.holdfast.protocol.Proof.sign(client.keys.get(0).privateKey(), text);
    raw.send(1, new Message.Prove(client.machine, Right.WRITE, proof));
    assertThat(raw.receive().orElseThrow().message()).isInstanceOf(Message.Done.class);
    TransactionId first = TransactionId.random(Client.RANDOM);
    TransactionId second = client.begin(control);
    BlockName lost = BlockName.random(Client.RANDOM);
    raw.send(2, new Message.Store(client.machine, first, BlockClass.CHUNK, lost, one()));
    raw.receive();
    raw.receive();
    control.cancel(client.machine, second);
    control.begin(client.machine, first, null);
    raw.send(3, new Message.Commit(client.machine, first, null, 0));
    assertThat(raw.receive().orElseThrow().message()).isInstanceOf(Message.Failure.class);
    assertThat(control.state(client.machine).committed()).isNull();
    raw.close();
  }

  private static BlockBytes one() {
    return BlockBytes.of(ByteBuffer.wrap(new byte[] {1}));
  }

  @Test
  void blocksBeyondTheCreditEndTheSession() throws Exception {
    Client client = registered();
    Session session = connect(client, Right.WRITE);
    TransactionId transaction = client.begin(session);
    bucket.set(GatedBucket.Gate.CLOSED);
    Connection raw = carrier();
    raw.send(0, new Message.Hello(1, 1, "raw"));
    Message.Welcome welcome = (Message.Welcome) raw.receive().orElseThrow().message();
    var text = org.holdfast.protocol.Proof.session(raw, World.SERVICE, client.machine, Right.WRITE);
    var proof = org.holdfast.protocol.Proof.sign(client.keys.get(0).privateKey(), text);
    raw.send(1, new Message.Prove(client.machine, Right.WRITE, proof));
    raw.receive();
    BlockBytes large = BlockBytes.of(ByteBuffer.allocate(16 * MIB));
    // Five segments' worth has a place; then blocks wait, and their credit with them.
    int sent = 0;
    try {
      for (; sent < 20; sent++) {
        BlockName name = BlockName.random(Client.RANDOM);
        raw.send(2, new Message.Store(client.machine, transaction, BlockClass.CHUNK, name, large));
      }
    } catch (UnavailableException e) {
      // The server has closed.
    }
    Message last = welcome;
    try {
      for (var next = raw.receive(); next.isPresent(); next = raw.receive()) {
        last = next.get().message();
      }
    } catch (UnavailableException | CorruptException e) {
      // The end.
    }
    assertThat(last).isInstanceOf(Message.Failure.class);
    assertThat(((Message.Failure) last).text()).contains("without credit");
    raw.close();
  }

  @Test
  void storesWaitForRoomAndCommitWaitsForThem() throws Exception {
    Client client = registered();
    Session session = connect(client, Right.WRITE, Right.READ);
    TransactionId transaction = client.begin(session);
    bucket.set(GatedBucket.Gate.CLOSED);
    int before = bucket.puts();
    byte[] large = bytes(16 * MIB, 3);
    List<BlockRef> refs = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      refs.add(client.store(session, transaction, BlockClass.CHUNK, large));
    }
    bucket.awaitPuts(before + 4);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> commit =
          threads.submit(() -> {
            session.commit(client.machine, transaction, null, 0);
            return null;
          });
      // The session goes on answering meanwhile.
      client.prove(session, Right.READ);
      bucket.set(GatedBucket.Gate.OPEN);
      commit.get();
    }
    assertThat(client.fetch(session, refs))
        .hasSize(6)
        .allSatisfy((_, found) -> assertThat(Arrays.equals(found, large)).isTrue());
  }

  @Test
  void aBlockThatIsNamedManyTimesComesAsOften() throws Exception {
    Client client = registered();
    byte[] chunk = bytes(1 << 20, 9);
    BlockRef ref = client.backUp(connect(client, Right.WRITE), chunk).getFirst();
    // More than the fetch's credit.
    assertThat(client.fetch(connect(client, Right.READ), Collections.nCopies(40, ref)))
        .hasSize(40)
        .allSatisfy((_, bytes) -> assertThat(Arrays.equals(bytes, chunk)).isTrue());
  }

  @Test
  void fetchReadsNeighboursTogetherAndInTheOrderOfTheBucket() throws Exception {
    Client client = registered();
    Session session = connect(client, Right.WRITE, Right.READ);
    List<List<BlockRef>> segments = threeSegments(client, session);
    List<BlockRef> shuffled = new ArrayList<>(segments.stream().flatMap(List::stream).toList());
    Collections.shuffle(shuffled, new Random(1));
    shuffled.add(7, new BlockRef(BlockClass.CHUNK, BlockName.random(Client.RANDOM)));
    int gets = bucket.gets.get();
    assertThat(client.fetch(session, shuffled)).hasSize(600).doesNotContainKey(7);
    assertThat(
            List.of(
                client.order.subList(0, 200),
                client.order.subList(200, 400),
                client.order.subList(400, 600)))
        .containsExactlyInAnyOrderElementsOf(segments);
    assertThat(bucket.gets.get() - gets).isEqualTo(3);
  }

  @Test
  void slowReadHoldsNoOtherUp() throws Exception {
    Client client = registered();
    Session session = connect(client, Right.WRITE, Right.READ);
    List<BlockRef> refs = threeSegments(client, session).stream().flatMap(List::stream).toList();
    CountDownLatch othersHaveCome = new CountDownLatch(1);
    bucket.nextGetAwaits.set(othersHaveCome);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Map<Integer, byte[]>> fetched = threads.submit(() -> client.fetch(session, refs));
      while (client.order.size() < 400) {
        Thread.onSpinWait();
      }
      assertThat(client.order).hasSize(400);
      othersHaveCome.countDown();
      assertThat(fetched.get()).hasSize(600);
    }
  }

  private static List<List<BlockRef>> threeSegments(Client client, Session session)
      throws Exception {
    List<List<BlockRef>> segments = new ArrayList<>();
    byte[][] chunks = new byte[200][];
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < chunks.length; i++) {
        chunks[i] = bytes(1000 + i, round * 1000 + i);
      }
      segments.add(client.backUp(session, chunks));
    }
    return segments;
  }

  @Test
  void manySessionsWorkAtOnce() throws Exception {
    int machines = 12;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Integer>> all = new ArrayList<>();
      for (int i = 0; i < machines; i++) {
        int seed = i;
        all.add(() -> {
          Client client = registered();
          Session session = connect(client, Right.WRITE, Right.READ);
          int kept = 0;
          for (int round = 0; round < 8; round++) {
            byte[] chunk = bytes(20_000, seed * 100 + round);
            List<BlockRef> refs = client.backUp(session, chunk, bytes(50, round));
            kept += Arrays.equals(client.fetch(session, refs).get(0), chunk) ? 1 : 0;
          }
          return kept;
        });
      }
      for (Future<Integer> kept : threads.invokeAll(all)) {
        assertThat(kept.get()).isEqualTo(8);
      }
    }
    service.shard().awaitDurable();
    assertThat(World.replay(memory, new org.holdfast.server.index.MemoryIndex()))
        .isEqualTo(World.digest(service));
  }

  @Test
  void bucketThatIsFullHoldsBackupsUpAndNotRestores() throws Exception {
    Client client = registered();
    Session session = connect(client, Right.WRITE, Right.READ);
    List<BlockRef> refs = client.backUp(session, bytes(500, 1));
    TransactionId transaction = client.begin(session);
    client.store(session, transaction, BlockClass.CHUNK, bytes(50, 2));
    bucket.set(GatedBucket.Gate.FULL);
    assertThatThrownBy(() -> session.commit(client.machine, transaction, null, 0))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("disk is full")
        .hasMessageContaining("restores go on");
    Session reader = connect(client, Right.READ, Right.WRITE);
    assertThat(reader.archives(client.machine)).hasSize(1);
    assertThat(reader.state(client.machine).committed()).isNotEqualTo(transaction);
    assertThat(client.fetch(reader, refs).get(0)).isEqualTo(bytes(500, 1));
    bucket.set(GatedBucket.Gate.OPEN);
    awaitDurable();
    assertThat(world.stopped).isEmpty();
    // The commit's record was on its way all the time; its answer is asked for again.
    reader.commit(client.machine, transaction, null, 0);
    assertThat(reader.state(client.machine).committed()).isEqualTo(transaction);
  }

  @Test
  void requestWithoutItsRightIsAnsweredByThatCode() throws Exception {
    Client client = registered();
    Connection raw = proven(client);
    for (Message request :
        List.of(
            new Message.Archives(client.machine, null, 10),
            new Message.State(new Client().machine),
            new Message.Fetch(
                client.machine,
                16 * MIB,
                List.of(new BlockRef(BlockClass.CHUNK, names().getFirst()))))) {
      raw.send(5, request);
      assertThat(raw.receive().orElseThrow().message())
          .isInstanceOfSatisfying(
              Message.Failure.class,
              failure -> assertThat(failure.code()).isEqualTo(ErrorCode.NOT_PROVEN));
    }
    raw.close();
  }

  @Test
  void archivesComeInPages() throws Exception {
    Client client = registered();
    Session writer = connect(client, Right.WRITE, Right.READ);
    for (int i = 0; i < 7; i++) {
      client.backUp(writer, bytes(10, i));
    }
    List<BlockName> roots =
        writer.archives(client.machine).stream().map(Message.Archive::root).toList();
    assertThat(roots).hasSize(7).isSorted();
    var page =
        service
            .shard()
            .durable(rows -> rows.archives(client.machine, Optional.of(roots.get(2)), 3));
    assertThat(page.keySet()).containsExactlyElementsOf(roots.subList(3, 6));
  }

  @Test
  void readThatFindsNoMemoryFailsTheFetchAndNothingElse() throws Exception {
    Client client = registered();
    Session session = connect(client, Right.WRITE, Right.READ);
    List<BlockRef> refs = client.backUp(session, bytes(500, 1));
    bucket.noMemory = true;
    assertThatThrownBy(() -> client.fetch(session, refs)).isInstanceOf(UnavailableException.class);
    bucket.noMemory = false;
    assertThat(client.fetch(session, refs)).hasSize(1);
  }

  @Test
  void defectInTheBucketsCodeFailsWhoWaits() throws Exception {
    Client client = registered();
    Session session = connect(client, Right.WRITE);
    TransactionId transaction = client.begin(session);
    bucket.set(GatedBucket.Gate.BROKEN);
    assertThatThrownBy(() -> session.commit(client.machine, transaction, null, 0))
        .isInstanceOf(UnavailableException.class);
  }

  @Test
  void nothingIsShownBeforeItIsDurable() throws Exception {
    Client client = registered();
    Session session = connect(client, Right.WRITE, Right.READ);
    TransactionId transaction = client.begin(session);
    // The block's segment is durable, what makes the block visible is not.
    BlockRef ref = client.store(session, transaction, BlockClass.CHUNK, bytes(16 * MIB, 1));
    service.shard().awaitDurable();
    bucket.set(GatedBucket.Gate.CLOSED);
    int before = bucket.puts();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> commit =
          threads.submit(() -> {
            session.commit(client.machine, transaction, null, 0);
            return null;
          });
      bucket.awaitPuts(before + 1);
      Future<Integer> fetched = threads.submit(() -> client.fetch(session, List.of(ref)).size());
      Future<TransactionId> state = threads.submit(() -> session.state(client.machine).committed());
      bucket.set(GatedBucket.Gate.FAILING);
      assertThatThrownBy(commit::get).hasCauseInstanceOf(UnavailableException.class);
      assertThat(outcome(fetched)).isNotEqualTo(1);
      assertThat(outcome(state)).isNotEqualTo(transaction);
    }
  }
}
