package org.holdfast.client.backup;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.MachineId;
import org.holdfast.core.Spawner;
import org.holdfast.core.TransactionId;
import org.holdfast.core.UnavailableException;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Session;

/// Asks the server which blocks it has. While one question is on its way the next ones collect, so
/// that a slow link costs longer questions and not more of them.
final class Presence {
  private final Session session;
  private final MachineId machine;
  private final TransactionId transaction;
  private final LinkedBlockingQueue<Question> questions = new LinkedBlockingQueue<>();
  private volatile boolean ended;

  Presence(Session session, MachineId machine, TransactionId transaction, Spawner spawner) {
    this.session = session;
    this.machine = machine;
    this.transaction = transaction;
    spawner.spawn("presence", this::run);
  }

  /// Completes with whether the server has the block.
  CompletableFuture<Boolean> ask(BlockClass blockClass, BlockName name) {
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    questions.add(new Question(blockClass, name, answer));
    if (ended) {
      failRest();
    }
    return answer;
  }

  /// No more questions will come.
  void close() {
    questions.add(new Question(BlockClass.CHUNK, END, new CompletableFuture<>()));
  }

  private static final BlockName END = BlockName.of(new byte[BlockName.LENGTH]);

  private void run() {
    try {
      while (true) {
        List<Question> batch = new ArrayList<>();
        batch.add(questions.take());
        questions.drainTo(batch, Message.MAX_NAMES - 1);
        boolean last = batch.removeIf(question -> question.name.equals(END));
        Map<BlockClass, List<Question>> classes = new EnumMap<>(BlockClass.class);
        batch.forEach(question ->
            classes.computeIfAbsent(question.blockClass, _ -> new ArrayList<>()).add(question));
        classes.forEach(this::put);
        if (last) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      ended = true;
      failRest();
    }
  }

  /// Whoever asks after the end finds it and fails the question, or the end finds the question:
  /// nobody waits for an answer that never comes.
  private void failRest() {
    for (Question left = questions.poll(); left != null; left = questions.poll()) {
      left.answer.completeExceptionally(
          new UnavailableException("the backup has ended before the server was asked"));
    }
  }

  private void put(BlockClass blockClass, List<Question> batch) {
    try {
      BitSet there =
          session.has(
              machine, transaction, blockClass, batch.stream().map(Question::name).toList());
      for (int i = 0; i < batch.size(); i++) {
        batch.get(i).answer.complete(there.get(i));
      }
    } catch (Throwable e) {
      // Unheard, it would leave those waiting who asked.
      batch.forEach(question -> question.answer.completeExceptionally(e));
    }
  }

  private record Question(
      BlockClass blockClass, BlockName name, CompletableFuture<Boolean> answer) {}
}
