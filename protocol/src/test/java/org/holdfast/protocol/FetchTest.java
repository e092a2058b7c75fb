package org.holdfast.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.ConflictException;
import org.holdfast.core.CorruptException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class FetchTest {
  private static final int MIB = 1 << 20;
  private static final int CREDIT = 16 * MIB;

  private final ScriptedServer server;

  FetchTest() throws Exception {
    server = new ScriptedServer();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void blocksComeInTheServersOrderAndMissingOnesAreSaid() throws Exception {
    Sink sink = new Sink();
    var call = fetch(4, sink);
    int stream = server.expect(Message.Fetch.class).stream();
    for (int index : new int[] {2, 0, 3, 1}) {
      server.end.send(stream, new Message.Block(index, index == 3 ? null : block(index, 10)));
    }
    server.end.send(stream, new Message.Done());
    call.get();
    assertThat(sink.order).containsExactly(2, 0, 3, 1);
    assertThat(sink.lengths).containsOnlyKeys(0, 1, 2);
    assertThat(sink.wrong).isZero();
  }

  @Test
  void severalFetchesRunAtOnceOnTheirOwnStreams() throws Exception {
    List<Sink> sinks = new ArrayList<>();
    List<CompletableFuture<Void>> calls = new ArrayList<>();
    List<int[]> answers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Sink sink = new Sink();
      sinks.add(sink);
      calls.add(fetch(20, sink));
      int stream = server.expect(Message.Fetch.class).stream();
      for (int index = 0; index < 20; index++) {
        answers.add(new int[] {stream, index});
      }
    }
    Collections.shuffle(answers, new Random(3));
    for (int[] answer : answers) {
      server.end.send(answer[0], new Message.Block(answer[1], block(answer[1], 100)));
    }
    for (int stream : answers.stream().mapToInt(answer -> answer[0]).distinct().toArray()) {
      server.end.send(stream, new Message.Done());
    }
    for (CompletableFuture<Void> call : calls) {
      call.get();
    }
    assertThat(sinks).allSatisfy(sink -> assertThat(sink.lengths).hasSize(20));
    assertThat(sinks).allSatisfy(sink -> assertThat(sink.wrong).isZero());
  }

  /// A server that keeps to its credit, with blocks of all sizes, is never left waiting.
  @Test
  void creditComesBackAsBlocksAreTakenIn() throws Exception {
    Random random = new Random(5);
    Sink sink = new Sink();
    var call = fetch(40, sink);
    int stream = server.expect(Message.Fetch.class).stream();
    Credit credit = new Credit(CREDIT);
    for (int index = 0; index < 40; index++) {
      int length = index % 7 == 0 ? CREDIT : 1 + random.nextInt(3 * MIB);
      while (!credit.tryTake(length)) {
        credit.give(server.expect(Message.MoreCredit.class).message().bytes());
      }
      server.end.send(stream, new Message.Block(index, block(index, length)));
    }
    server.end.send(stream, new Message.Done());
    call.get();
    assertThat(sink.lengths).hasSize(40);
  }

  @Test
  void aServerThatSendsMoreThanItsCreditIsCutOff() throws Exception {
    BlockedSink sink = new BlockedSink();
    var call = fetch(3, sink);
    int stream = server.expect(Message.Fetch.class).stream();
    server.end.send(stream, new Message.Block(0, block(0, 10 * MIB)));
    server.end.send(stream, new Message.Block(1, block(1, 10 * MIB)));
    assertThat(server.expect(Message.Failure.class).message().code()).isEqualTo(ErrorCode.CORRUPT);
    sink.release.complete(null);
    assertThatThrownBy(call::get).hasCauseInstanceOf(CorruptException.class);
  }

  @Test
  void answersThatNobodyAskedForEndTheSession() throws Exception {
    assertCorrupt(new Message.Block(2, null));
  }

  @Test
  void aSecondAnswerEndsTheSession() throws Exception {
    assertCorrupt(new Message.Block(1, null), new Message.Block(1, null));
  }

  @Test
  void anEndWithAnswersMissingEndsTheSession() throws Exception {
    assertCorrupt(new Message.Block(1, null), new Message.Done());
  }

  @Test
  void anErrorComesAfterTheBlocksBeforeIt() throws Exception {
    Sink sink = new Sink();
    var call = fetch(2, sink);
    server.answer(
        Message.Fetch.class,
        new Message.Block(1, block(1, 10)),
        new Message.Failure(ErrorCode.CONFLICT, 0, "gone"));
    assertThatThrownBy(call::get).hasCauseInstanceOf(ConflictException.class);
    assertThat(sink.order).containsExactly(1);
  }

  @Test
  void aSinkThatThrowsEndsItsFetchAndNoOther() throws Exception {
    var call =
        ConnectionContract.start(
            () -> server.session.fetch(Samples.MACHINE, refs(3), CREDIT, new FullDisk()));
    int stream = server.expect(Message.Fetch.class).stream();
    server.end.send(stream, new Message.Block(0, block(0, 10)));
    assertThatThrownBy(call::get).hasCauseInstanceOf(IOException.class);
    server.end.send(stream, new Message.Block(1, block(1, 10)));
    server.end.send(stream, new Message.Block(2, block(2, 10)));
    server.end.send(stream, new Message.Done());
    Sink sink = new Sink();
    var next = fetch(1, sink);
    server.answer(Message.Fetch.class, new Message.Block(0, block(0, 10)), new Message.Done());
    next.get();
  }

  private void assertCorrupt(Message... replies) throws Exception {
    var call = fetch(2, new Sink());
    server.answer(Message.Fetch.class, replies);
    assertThatThrownBy(call::get).hasCauseInstanceOf(CorruptException.class);
  }

  private CompletableFuture<Void> fetch(int count, Sink sink) {
    return ConnectionContract.start(
        () -> server.session.fetch(Samples.MACHINE, refs(count), CREDIT, sink));
  }

  static List<BlockRef> refs(int count) {
    List<BlockRef> refs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      refs.add(new BlockRef(BlockClass.CHUNK, new BlockName(Samples.run(i, 32))));
    }
    return refs;
  }

  /// Starts with its index, so that a sink sees whether it got the right one.
  private static BlockBytes block(int index, int length) {
    return BlockBytes.of(ByteBuffer.allocate(length).put(0, (byte) index));
  }

  /// Notes what it is given.
  static class Sink implements FetchSink<RuntimeException> {
    final List<Integer> order = new ArrayList<>();
    final TreeMap<Integer, Integer> lengths = new TreeMap<>();
    int wrong;

    @Override
    public void block(int index, ByteBuffer bytes) {
      wrong += bytes.get(bytes.position()) == index ? 0 : 1;
      order.add(index);
      lengths.put(index, bytes.remaining());
    }

    @Override
    public void missing(int index) {
      order.add(index);
    }
  }

  /// Takes nothing in until it is released.
  private static final class BlockedSink extends Sink {
    final CompletableFuture<Void> release = new CompletableFuture<>();

    @Override
    public void block(int index, ByteBuffer bytes) {
      release.join();
    }
  }

  /// Cannot keep a block.
  private static final class FullDisk implements FetchSink<IOException> {
    @Override
    public void block(int index, ByteBuffer bytes) throws IOException {
      throw new IOException("no space left");
    }

    @Override
    public void missing(int index) {}
  }
}
