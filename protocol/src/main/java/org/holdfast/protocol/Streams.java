package org.holdfast.protocol;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.UnavailableException;
import org.jspecify.annotations.Nullable;

/// A session's open streams, and what its reader does with each message that comes.
///
/// - The first failure ends the session: everybody who waits, or asks later, gets that failure.
/// - The reader never sends while the session lives, so that it always empties the carrier.
final class Streams {
  /// Requests that wait for a reply at one time.
  static final int MAX_OPEN = 64;

  private final Connection connection;
  private final Credit storeCredit;
  private final Credit slots = new Credit(MAX_OPEN);
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Integer, Waiting> waiting = new HashMap<>();
  private int lastStream;
  private @Nullable HoldfastException failure;

  Streams(Connection connection, Credit storeCredit) {
    this.connection = connection;
    this.storeCredit = storeCredit;
  }

  /// Sends a request; the reply comes later. One that does not fit ends the session.
  <M extends Message> Pending<M> ask(Message request, Class<M> reply, Predicate<M> fits)
      throws HoldfastException {
    ReplyWaiting<M> waiter = new ReplyWaiting<>(reply, fits, connection.peer());
    request(waiter, request);
    return waiter.pending();
  }

  /// Sends a request on a stream of its own, and returns the stream.
  int request(Waiting waiter, Message request) throws HoldfastException {
    slots.take(1);
    int stream = open(waiter);
    send(stream, request);
    return stream;
  }

  /// Opens a stream that is not counted as a request.
  int open(Waiting waiter) throws HoldfastException {
    lock.lock();
    try {
      if (failure != null) {
        throw failure;
      }
      do {
        lastStream++;
      } while (lastStream == 0 || waiting.containsKey(lastStream));
      waiting.put(lastStream, waiter);
      return lastStream;
    } finally {
      lock.unlock();
    }
  }

  /// Closes a stream that is not counted as a request.
  void close(int stream) {
    lock.lock();
    try {
      waiting.remove(stream);
    } finally {
      lock.unlock();
    }
  }

  /// Sends; throws the session's first failure if that is not possible.
  void send(int stream, Message message) throws HoldfastException {
    try {
      connection.send(stream, message);
    } catch (UnavailableException e) {
      throw fail(e);
    }
  }

  /// Reads until the session ends. The session's reader runs this.
  void read() {
    try {
      while (true) {
        Optional<Received> received = connection.receive();
        if (received.isEmpty()) {
          throw new UnavailableException(
              "the server " + connection.peer() + " closed the connection: try again");
        }
        dispatch(received.get());
      }
    } catch (CorruptException e) {
      fail(e);
      report(e);
    } catch (HoldfastException e) {
      fail(e);
    } finally {
      fail(new UnavailableException("the session's reader has stopped: try again"));
      connection.close();
    }
  }

  /// Ends the session unless it has ended. Returns what ended it.
  HoldfastException fail(HoldfastException why) {
    List<Waiting> all;
    HoldfastException first;
    lock.lock();
    try {
      first = failure == null ? why : failure;
      failure = first;
      all = new ArrayList<>(waiting.values());
      waiting.clear();
    } finally {
      lock.unlock();
    }
    all.forEach(each -> each.fail(first));
    slots.fail(first);
    storeCredit.fail(first);
    return first;
  }

  boolean hasFailed() {
    lock.lock();
    try {
      return failure != null;
    } finally {
      lock.unlock();
    }
  }

  static CorruptException unexpected(Message message, String peer) {
    return new CorruptException(
        "the server "
            + peer
            + " sent "
            + MessageType.of(message)
            + " where it makes no sense: use versions that belong together");
  }

  private void dispatch(Received received) throws HoldfastException {
    if (received.stream() == 0) {
      acceptForSession(received.message());
      return;
    }
    Waiting waiter = waiter(received.stream());
    if (waiter == null) {
      // An ERROR for a block that was sent before its lane was closed has nobody to reach.
      if (received.message() instanceof Message.Failure) {
        return;
      }
      throw unexpected(received.message(), connection.peer());
    }
    if (waiter.accept(received.message())) {
      close(received.stream());
      slots.give(1);
    }
  }

  private void acceptForSession(Message message) throws HoldfastException {
    switch (message) {
      case Message.MoreCredit credit -> storeCredit.give(credit.bytes());
      case Message.Ping _ -> {}
      case Message.Goodbye goodbye ->
          throw new UnavailableException(
              "the server " + connection.peer() + " ends the session: " + goodbye.reason());
      case Message.Failure reported -> throw ErrorCode.exception(reported, connection.peer());
      default -> throw unexpected(message, connection.peer());
    }
  }

  private @Nullable Waiting waiter(int stream) {
    lock.lock();
    try {
      return waiting.get(stream);
    } finally {
      lock.unlock();
    }
  }

  private void report(CorruptException why) {
    try {
      connection.send(0, Message.Failure.of(why));
    } catch (UnavailableException e) {
      // The server is gone: there is nobody left to tell.
    }
  }
}
