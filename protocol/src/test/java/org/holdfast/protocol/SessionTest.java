package org.holdfast.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.ConflictException;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Right;
import org.holdfast.core.Spawner;
import org.holdfast.core.TransactionId;
import org.holdfast.core.UnavailableException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class SessionTest {
  private static final int MIB = 1 << 20;

  private final ScriptedServer server;
  private final Session session;

  SessionTest() throws Exception {
    server = new ScriptedServer();
    session = server.session;
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void theWelcomeIsKept() {
    assertThat(session.service()).isEqualTo(Samples.SERVICE);
    assertThat(session.mode()).isEqualTo(ServerMode.ALL);
    assertThat(session.serverMillis()).isEqualTo(1767225600123L);
  }

  @Test
  void aRefusalInsteadOfAWelcomeReachesTheCaller() throws Exception {
    Pipe.Ends ends = Pipe.open(1000, new SecureRandom());
    ends.server().send(0, new Message.Failure(ErrorCode.UNAVAILABLE, 7000, "full: come back"));
    assertThatThrownBy(
            () -> Session.open(ends.client(), new SteppedClock(), Spawner.virtual(), "test"))
        .isInstanceOfSatisfying(
            UnavailableException.class, e -> assertThat(e.retryAfterMillis()).isEqualTo(7000))
        .hasMessage("full: come back");
    assertThat(ends.server().receive()).isPresent();
    assertThat(ends.server().receive()).isEmpty();
  }

  @Test
  void aBlockThatIsStuckOnItsWayFailsWithWhatTheServerSays() throws Exception {
    Pipe.Ends ends = Pipe.open(1000, new SecureRandom());
    Message welcome = new Message.Welcome(1, Samples.SERVICE, 0, ServerMode.ALL, 16 * MIB);
    ends.server().send(0, welcome);
    try (Session slow =
        Session.open(ends.client(), new SteppedClock(), Spawner.virtual(), "test")) {
      assertThat(ends.server().receive()).as("HELLO").isPresent();
      CountDownLatch sent = new CountDownLatch(2);
      var store =
          start(() -> {
            while (true) {
              ByteBuffer block = ByteBuffer.allocate(MIB);
              sent.countDown();
              slow.store(
                  Samples.MACHINE, Samples.TRANSACTION, BlockClass.CHUNK, Samples.NAME, block);
            }
          });
      sent.await();
      ends.server().send(0, new Message.Failure(ErrorCode.UNAVAILABLE, 9000, "too slow: again"));
      assertThatThrownBy(store::get)
          .cause()
          .isInstanceOfSatisfying(
              UnavailableException.class, e -> assertThat(e.retryAfterMillis()).isEqualTo(9000))
          .hasMessage("too slow: again");
    }
  }

  @Test
  void aRightIsProvenForThisSession() throws Exception {
    ServerIdentity key = ServerIdentity.create(new SecureRandom());
    var call = start(() -> session.prove(Samples.MACHINE, Right.READ, key.privateKey()));
    Message.Prove proof = server.answer(Message.Prove.class, new Message.Done()).message();
    call.get();
    Bytes text = Proof.session(server.end, Samples.SERVICE, proof.machine(), proof.right());
    assertThat(Proof.verify(key.publicKey(), text, proof.signature())).isTrue();
  }

  @Test
  void aMachineIsRegisteredWithASignatureOfEachKey() throws Exception {
    ServerIdentity key = ServerIdentity.create(new SecureRandom());
    List<RightKey> keys = List.of(new RightKey(Right.WRITE, key.publicKey(), key.privateKey()));
    var call =
        start(
            () -> session.register(Samples.INVITE, Samples.SECRET, Samples.MACHINE, "büro", keys));
    Message.Register register = server.answer(Message.Register.class, new Message.Done()).message();
    call.get();
    Message.Credential credential = register.credentials().getFirst();
    Bytes text =
        Proof.register(
            server.end,
            Samples.SERVICE,
            Samples.MACHINE,
            Samples.INVITE,
            Right.WRITE,
            key.publicKey());
    assertThat(Proof.verify(credential.publicKey(), text, credential.signature())).isTrue();
    assertThatThrownBy(
            () -> session.register(Samples.INVITE, Samples.SECRET, Samples.MACHINE, "", keys))
        .isInstanceOf(RefusedException.class);
  }

  @Test
  void errorsBecomeTheExceptionsThatSayWhatToDo() throws Exception {
    assertThat(failureFor(ErrorCode.CONFLICT)).isInstanceOf(ConflictException.class);
    assertThat(failureFor(ErrorCode.REFUSED)).isInstanceOf(RefusedException.class);
    assertThat(failureFor(ErrorCode.CORRUPT)).isInstanceOf(CorruptException.class);
    assertThat(failureFor(ErrorCode.UNAVAILABLE))
        .isInstanceOfSatisfying(
            UnavailableException.class, e -> assertThat(e.retryAfterMillis()).isEqualTo(1500));
    assertThat(failureFor(ErrorCode.UNKNOWN_MACHINE))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("register the machine with an invite");
    assertThat(failureFor(ErrorCode.NOT_PROVEN))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("use a key file");
  }

  @Test
  void repliesReachTheirCallersInAnyOrder() throws Exception {
    List<Pending<Message.HasReply>> pending = new ArrayList<>();
    List<ScriptedServer.Request<Message.Has>> requests = new ArrayList<>();
    for (int i = 1; i <= 5; i++) {
      pending.add(
          session.hasLater(Samples.MACHINE, Samples.TRANSACTION, BlockClass.CHUNK, names(i)));
      requests.add(server.expect(Message.Has.class));
    }
    for (int i = 5; i >= 1; i--) {
      BitSet there = new BitSet();
      there.set(i - 1);
      server.end.send(requests.get(i - 1).stream(), new Message.HasReply(i, there));
    }
    for (int i = 1; i <= 5; i++) {
      assertThat(pending.get(i - 1).await().there().length()).isEqualTo(i);
    }
  }

  @Test
  void aReplyOfTheWrongLengthEndsTheSession() throws Exception {
    var pending =
        session.hasLater(Samples.MACHINE, Samples.TRANSACTION, BlockClass.CHUNK, names(2));
    server.answer(Message.Has.class, new Message.HasReply(3, new BitSet()));
    assertThatThrownBy(pending::await).isInstanceOf(CorruptException.class);
    assertThat(server.expect(Message.Failure.class).message().code()).isEqualTo(ErrorCode.CORRUPT);
    assertThat(server.end.receive()).isEmpty();
  }

  @Test
  void noMoreThan64RequestsAreOpenAtOnce() throws Exception {
    List<Integer> streams = new ArrayList<>();
    for (int i = 0; i < Streams.MAX_OPEN; i++) {
      session.hasLater(Samples.MACHINE, Samples.TRANSACTION, BlockClass.CHUNK, names(1));
      streams.add(server.expect(Message.Has.class).stream());
    }
    assertThat(streams).doesNotHaveDuplicates().doesNotContain(0);
    var one =
        start(() -> {
          session.hasLater(Samples.MACHINE, Samples.TRANSACTION, BlockClass.PAGE, names(1));
        });
    assertThat(one).isNotDone();
    server.end.send(streams.get(9), new Message.HasReply(1, new BitSet()));
    one.get();
    assertThat(server.expect(Message.Has.class).message().blockClass()).isEqualTo(BlockClass.PAGE);
  }

  @Test
  void blocksAreSentWithinCreditOnly() throws Exception {
    store(10 * MIB);
    var second = start(() -> store(7 * MIB));
    ScriptedServer.Request<Message.Store> first = server.expect(Message.Store.class);
    server.end.send(0, new Message.MoreCredit(MIB / 2));
    Pending<Message.HasReply> marker =
        session.hasLater(Samples.MACHINE, Samples.TRANSACTION, BlockClass.CHUNK, names(1));
    server.answer(Message.Has.class, new Message.HasReply(1, new BitSet()));
    marker.await();
    assertThat(second).isNotDone();
    server.end.send(0, new Message.MoreCredit(MIB / 2));
    second.get();
    ScriptedServer.Request<Message.Store> other = server.expect(Message.Store.class);
    assertThat(other.stream()).isEqualTo(first.stream());
    assertThat(other.message().bytes().length()).isEqualTo(7 * MIB);
  }

  @Test
  void moreCreditThanWasTakenEndsTheSession() throws Exception {
    store(10);
    server.expect(Message.Store.class);
    server.end.send(0, new Message.MoreCredit(Message.STORE_COST_MIN + 1));
    assertThat(server.expect(Message.Failure.class).message().code()).isEqualTo(ErrorCode.CORRUPT);
    assertThatThrownBy(() -> store(1)).isInstanceOf(CorruptException.class);
  }

  @Test
  void aFailedBlockComesOutOfTheNextCallAndOfCommit() throws Exception {
    store(10);
    ScriptedServer.Request<Message.Store> failed = server.expect(Message.Store.class);
    var commit = start(() -> session.commit(Samples.MACHINE, Samples.TRANSACTION, Samples.ROOT, 1));
    ScriptedServer.Request<Message.Commit> request = server.expect(Message.Commit.class);
    server.end.send(failed.stream(), new Message.Failure(ErrorCode.CONFLICT, 0, "taken over"));
    server.end.send(request.stream(), new Message.Done());
    assertThatThrownBy(() -> commit.get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(ConflictException.class)
        .hasMessageContaining("taken over");
    assertThatThrownBy(() -> store(10)).isInstanceOf(ConflictException.class);
    assertThatThrownBy(
            () -> session.checkpoint(Samples.MACHINE, Samples.TRANSACTION, Samples.ROOT, 1))
        .isInstanceOf(ConflictException.class);
  }

  @Test
  void beginForgetsAFailedBlockAndOtherTransactionsNeverKnewOfIt() throws Exception {
    store(10);
    ScriptedServer.Request<Message.Store> failed = server.expect(Message.Store.class);
    server.end.send(failed.stream(), new Message.Failure(ErrorCode.UNAVAILABLE, 0, "disk full"));
    var other = TransactionId.of(new byte[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    session.store(Samples.MACHINE, other, BlockClass.CHUNK, Samples.NAME, ByteBuffer.allocate(1));
    assertThat(server.expect(Message.Store.class).stream()).isNotEqualTo(failed.stream());
    var begin = start(() -> begin(true));
    server.answer(Message.Begin.class, new Message.Begun(true));
    begin.get();
    store(10);
    assertThat(server.expect(Message.Store.class).stream()).isNotEqualTo(failed.stream());
    server.end.send(failed.stream(), new Message.Failure(ErrorCode.UNAVAILABLE, 0, "late"));
    store(10);
  }

  @Test
  void allPagesOfArchivesMakeOneList() throws Exception {
    List<Message.Archive> first = archives(0, 3);
    List<Message.Archive> second = archives(3, 2);
    CompletableFuture<List<Message.Archive>> call = new CompletableFuture<>();
    var done = start(() -> call.complete(session.archives(Samples.MACHINE)));
    assertThat(
            server
                .answer(Message.Archives.class, new Message.ArchivesReply(true, first))
                .message()
                .after())
        .isNull();
    assertThat(
            server
                .answer(Message.Archives.class, new Message.ArchivesReply(false, second))
                .message()
                .after())
        .isEqualTo(first.getLast().root());
    done.get();
    assertThat(call.get()).containsExactlyElementsOf(archives(0, 5));
  }

  @Test
  void archivesWithoutEndAreNoticed() throws Exception {
    var call = start(() -> session.archives(Samples.MACHINE));
    server.answer(Message.Archives.class, new Message.ArchivesReply(true, archives(0, 3)));
    server.answer(Message.Archives.class, new Message.ArchivesReply(true, archives(0, 3)));
    assertThatThrownBy(call::get).hasCauseInstanceOf(CorruptException.class);
  }

  @Test
  void anOperatorsCommandIsAnswered() throws Exception {
    var call =
        start(() ->
            assertThat(session.operate(List.of("status")))
                .isEqualTo(new Message.OperateReply(3, "all well\n")));
    server.answer(Message.Operate.class, new Message.OperateReply(3, "all well\n"));
    call.get();
  }

  @Test
  void theServersDeathFailsEveryCallThatWaits() throws Exception {
    store(10 * MIB);
    List<CompletableFuture<Void>> calls =
        List.of(
            start(() -> session.state(Samples.MACHINE)),
            start(() -> session.state(Samples.MACHINE)),
            start(() -> store(10 * MIB)),
            start(() ->
                session.fetch(
                    Samples.MACHINE, FetchTest.refs(2), 16L * MIB, new FetchTest.Sink())));
    for (int i = 0; i < 4; i++) {
      assertThat(server.end.receive()).isPresent();
    }
    server.end.close();
    List<Throwable> failures = new ArrayList<>();
    for (CompletableFuture<Void> call : calls) {
      try {
        call.get(10, TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        failures.add(e.getCause());
      }
    }
    assertThat(failures).hasSize(4).containsOnly(failures.getFirst());
    assertThat(failures.getFirst()).isInstanceOf(UnavailableException.class);
    assertThatThrownBy(() -> session.state(Samples.MACHINE)).isSameAs(failures.getFirst());
  }

  @Test
  void aGoodbyeGivesItsReason() throws Exception {
    var call = start(() -> session.state(Samples.MACHINE));
    server.expect(Message.State.class);
    server.end.send(0, new Message.Goodbye("stopping for an upgrade"));
    assertThatThrownBy(call::get)
        .hasCauseInstanceOf(UnavailableException.class)
        .hasMessageContaining("stopping for an upgrade");
  }

  @Test
  void closingSaysGoodbyeAndFailsCallsThatWait() throws Exception {
    var call = start(() -> session.state(Samples.MACHINE));
    server.expect(Message.State.class);
    session.close();
    server.expect(Message.Goodbye.class);
    assertThat(server.end.receive()).isEmpty();
    ConnectionContract.assertUnavailable(call);
    session.close();
  }

  @Test
  void aMessageThatMakesNoSenseEndsTheSession() throws Exception {
    var call = start(() -> session.state(Samples.MACHINE));
    server.answer(Message.State.class, new Message.Begun(true));
    assertThatThrownBy(call::get).hasCauseInstanceOf(CorruptException.class);
  }

  private HoldfastException failureFor(ErrorCode code) throws Exception {
    var call = start(() -> session.state(Samples.MACHINE));
    server.answer(Message.State.class, new Message.Failure(code, 1500, "because"));
    try {
      call.get(10, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      assertThat(e.getCause()).hasMessageContaining("because");
      return (HoldfastException) e.getCause();
    }
    throw new AssertionError("no failure");
  }

  private void store(int length) throws HoldfastException {
    session.store(
        Samples.MACHINE,
        Samples.TRANSACTION,
        BlockClass.CHUNK,
        Samples.NAME,
        ByteBuffer.allocate(length));
  }

  private void begin(boolean resumed) throws HoldfastException {
    assertThat(session.begin(Samples.MACHINE, Samples.TRANSACTION, null)).isEqualTo(resumed);
  }

  private static List<BlockName> names(int count) {
    List<BlockName> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      names.add(new BlockName(Samples.run(i, 32)));
    }
    return names;
  }

  private static List<Message.Archive> archives(int from, int count) {
    List<Message.Archive> archives = new ArrayList<>();
    for (int i = from; i < from + count; i++) {
      archives.add(new Message.Archive(new BlockName(Samples.run(i, 32)), i + 1, 1000, false));
    }
    return archives;
  }

  private static CompletableFuture<Void> start(ConnectionContract.Failing task) {
    return ConnectionContract.start(task);
  }
}
