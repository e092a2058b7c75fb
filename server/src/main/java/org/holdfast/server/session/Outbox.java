package org.holdfast.server.session;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.holdfast.core.CorruptException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.Credit;
import org.holdfast.protocol.Message;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Replies on their way to a client, so that whoever answers never waits for the network.
///
/// Bounded by what the client may ask: a reply for each stream, one message of credit, and an ERROR
/// for each block within the store credit, which comes back only as these go out.
final class Outbox {
  private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);

  private final Connection connection;
  private final LinkedBlockingQueue<Item> waiting = new LinkedBlockingQueue<>();
  private final Credit storeCredit;
  private final AtomicLong creditBytes = new AtomicLong();
  private final Thread sender;
  private volatile boolean ended;

  Outbox(Connection connection, Credit storeCredit, Spawner spawner) {
    this.connection = connection;
    this.storeCredit = storeCredit;
    this.sender = spawner.spawn("outbox", this::run);
  }

  void send(int stream, Message message) {
    send(stream, message, () -> {});
  }

  /// `before` runs when it is this reply's turn, or when it will never be: until then it counts as
  /// one that waits. Once.
  void send(int stream, Message message, Runnable before) {
    waiting.add(new Reply(stream, message, before));
    if (ended) {
      dropRest();
    }
  }

  /// Credit for stores adds up until it can be sent.
  void credit(long bytes) {
    if (creditBytes.getAndAdd(bytes) == 0) {
      waiting.add(new CreditDue());
    }
  }

  /// Sends what waits, then ends. Returns when it has.
  void finish() {
    waiting.add(new End());
    try {
      sender.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (send(waiting.take())) {}
    } catch (UnavailableException e) {
      // The client is gone: nobody is left to tell, and the reading thread finds out by itself.
      connection.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Throwable e) {
      LOG.error("sending replies failed in a way that should not be possible", e);
      connection.close();
    } finally {
      ended = true;
      dropRest();
    }
  }

  /// Whoever adds a reply after the end finds the end and drops it, or the end finds the reply.
  private void dropRest() {
    for (Item item = waiting.poll(); item != null; item = waiting.poll()) {
      if (item instanceof Reply reply) {
        reply.before.run();
      }
    }
  }

  /// Answers whether more is to come.
  private boolean send(Item item) throws UnavailableException {
    switch (item) {
      case Reply reply -> {
        reply.before.run();
        connection.send(reply.stream, reply.message);
      }
      case CreditDue _ -> sendCredit();
      case End _ -> {
        return false;
      }
    }
    return true;
  }

  /// The client has the credit from here on, not before: what it can make wait here is bounded by
  /// it.
  private void sendCredit() throws UnavailableException {
    long due = creditBytes.getAndSet(0);
    try {
      storeCredit.give(due);
    } catch (CorruptException e) {
      throw new IllegalStateException("credit is given back once", e);
    }
    connection.send(0, new Message.MoreCredit(due));
  }

  private sealed interface Item {}

  private record Reply(int stream, Message message, Runnable before) implements Item {}

  private record CreditDue() implements Item {}

  private record End() implements Item {}
}
