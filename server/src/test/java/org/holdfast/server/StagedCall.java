package org.holdfast.server;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.holdfast.bucket.Listing;
import org.holdfast.bucket.PutResult;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.UnavailableException;
import org.jspecify.annotations.Nullable;

/// One call of the bucket: it arrives, takes effect, and is answered, with pauses between.
final class StagedCall {
  final Rival who;
  final Step step;
  final String key;

  /// What is put; null for other calls.
  final @Nullable List<ByteBuffer> body;

  private final Work work;
  private final CompletableFuture<Object> answer = new CompletableFuture<>();
  private @Nullable Object result;
  private @Nullable HoldfastException failure;
  private boolean done;
  volatile long arrivedAt;
  long doneAt;

  StagedCall(Rival who, Step step, String key, @Nullable List<ByteBuffer> body, Work work) {
    this.who = who;
    this.step = step;
    this.key = key;
    this.body = body;
    this.work = work;
  }

  boolean isDone() {
    return done;
  }

  boolean isAnswered() {
    return answer.isDone();
  }

  /// Takes effect; the answer is kept.
  void perform(long time) {
    done = true;
    doneAt = time;
    try {
      result = work.run();
    } catch (HoldfastException e) {
      failure = e;
    }
  }

  /// What came of it, for the test to look at.
  @Nullable Object result() {
    return result;
  }

  String outcome() {
    if (failure != null) {
      return failure.toString();
    }
    return switch (result) {
      case PutResult put -> put.toString();
      case Listing listing -> listing.objects().size() + " objects";
      case Optional<?> range -> range.isPresent() ? "there" : "absent";
      case null, default -> throw new AssertionError(result);
    };
  }

  void answer() {
    if (failure != null) {
      answer.completeExceptionally(failure);
    } else {
      answer.complete(result);
    }
  }

  /// The caller learns nothing; whether it took or takes effect is another matter.
  void fail(String why) {
    answer.completeExceptionally(new UnavailableException(why));
  }

  Object await() throws HoldfastException {
    try {
      return answer.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case UnavailableException unavailable ->
            throw new UnavailableException(unavailable.getMessage(), unavailable);
        case HoldfastException other -> throw other;
        default -> throw new AssertionError(e.getCause());
      }
    } catch (InterruptedException e) {
      throw new AssertionError("nobody interrupts", e);
    }
  }

  @Override
  public String toString() {
    return who.name() + " " + step + " " + key;
  }

  interface Work {
    Object run() throws HoldfastException;
  }
}
