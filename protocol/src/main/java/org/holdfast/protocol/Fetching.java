package org.holdfast.protocol;

import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.jspecify.annotations.Nullable;

/// One FETCH under way: the reader puts blocks in, the thread that asked takes them out.
///
/// - What is held never exceeds the credit: a server that sends more ends the session.
/// - Each index is answered once, all of them before the end.
final class Fetching implements Waiting {
  private final int count;
  private final long creditBytes;
  private final String peer;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Queue<Message.Block> arrived = new ArrayDeque<>();
  private final BitSet answered = new BitSet();
  private long aheadBytes;
  private long owedBytes;
  private boolean abandoned;
  private boolean done;
  private @Nullable HoldfastException failure;

  Fetching(int count, long creditBytes, String peer) {
    this.count = count;
    this.creditBytes = creditBytes;
    this.peer = peer;
  }

  /// The next block; empty after the last one.
  Optional<Message.Block> next() throws HoldfastException {
    lock.lock();
    try {
      while (arrived.isEmpty() && !done && failure == null) {
        changed.awaitUninterruptibly();
      }
      Message.Block block = arrived.poll();
      if (block == null && failure != null) {
        throw failure;
      }
      return Optional.ofNullable(block);
    } finally {
      lock.unlock();
    }
  }

  /// Notes that a block has been taken in. Returns how much credit to send now; 0 if it can wait.
  ///
  /// It waits while less than a quarter is owed and more blocks are here: by the time these are
  /// taken in the server has all of its credit again, so it never stalls.
  long taken(int bytes) {
    lock.lock();
    try {
      owedBytes += bytes;
      if (done || (!arrived.isEmpty() && owedBytes < creditBytes / 4)) {
        return 0;
      }
      long due = owedBytes;
      owedBytes = 0;
      aheadBytes -= due;
      return due;
    } finally {
      lock.unlock();
    }
  }

  /// The caller wants no more. What still comes is dropped and earns no credit, so that the server
  /// soon stops.
  void abandon() {
    lock.lock();
    try {
      abandoned = true;
      arrived.clear();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean accept(Message message) throws CorruptException {
    lock.lock();
    try {
      return switch (message) {
        case Message.Block block -> add(block);
        case Message.Done _ -> finish();
        case Message.Failure reported -> {
          fail(ErrorCode.exception(reported, peer));
          yield true;
        }
        default -> throw Streams.unexpected(message, peer);
      };
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void fail(HoldfastException why) {
    lock.lock();
    try {
      if (failure == null) {
        failure = why;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private boolean add(Message.Block block) throws CorruptException {
    aheadBytes += block.bytes() == null ? 0 : block.bytes().length();
    if (block.index() >= count || answered.get(block.index()) || aheadBytes > creditBytes) {
      throw new CorruptException(
          "the server " + peer + " sends blocks that nobody asked for: tell its operator");
    }
    answered.set(block.index());
    if (!abandoned) {
      arrived.add(block);
      changed.signalAll();
    }
    return false;
  }

  private boolean finish() throws CorruptException {
    if (answered.cardinality() != count) {
      throw new CorruptException(
          "the server " + peer + " left blocks of a request unanswered: tell its operator");
    }
    done = true;
    changed.signalAll();
    return true;
  }
}
