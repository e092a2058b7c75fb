package org.holdfast.server.session;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.holdfast.core.Clock;
import org.holdfast.core.ServiceId;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.ConnectionHandler;
import org.holdfast.protocol.Deadline;
import org.holdfast.protocol.ErrorCode;
import org.holdfast.protocol.KeptAlive;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Parting;
import org.holdfast.protocol.ServerMode;
import org.holdfast.server.shard.ShardService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The sessions of all clients, and the bounds of what they hold together.
public final class Sessions implements ConnectionHandler, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);

  /// How long clients may take to close when the server stops.
  private static final long GOODBYE_MILLIS = 1000;

  /// After so long a session that has proven nothing may lose its place.
  private static final long UNPROVEN_MILLIS = 30_000;

  /// When a client that found no place may come back.
  private static final int RETRY_MILLIS = 10_000;

  private final Supplier<Served> served;
  private final ServiceId service;
  private final Clock clock;
  private final Spawner spawner;
  private final Limits limits;
  private final Budgets budgets;
  private final Semaphore places;
  private final Consumer<String> damages;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();

  /// In their order, so that the end comes to them in an order that can be repeated.
  private final Set<OpenSession> open = new LinkedHashSet<>();

  private volatile boolean stopping;
  private boolean late;

  public Sessions(
      ShardService shard, ServiceId service, ServerMode mode, Clock clock, Spawner spawner) {
    this(shard, service, mode, Limits.DEFAULT, clock, spawner);
  }

  /// Damaged objects are told of in the log.
  public Sessions(
      ShardService shard,
      ServiceId service,
      ServerMode mode,
      Limits limits,
      Clock clock,
      Spawner spawner) {
    this(shard, service, mode, limits, clock, spawner, Sessions::log);
  }

  /// With the limits that are the default.
  public Sessions(
      ShardService shard,
      ServiceId service,
      ServerMode mode,
      Clock clock,
      Spawner spawner,
      Consumer<String> damages) {
    this(shard, service, mode, Limits.DEFAULT, clock, spawner, damages);
  }

  /// `damages` hears of damaged objects in the bucket, in one line each.
  public Sessions(
      ShardService shard,
      ServiceId service,
      ServerMode mode,
      Limits limits,
      Clock clock,
      Spawner spawner,
      Consumer<String> damages) {
    this(() -> new Served.Whole(shard, mode), service, limits, clock, spawner, damages);
  }

  /// Of a server that has not always the same to serve; damaged objects are told of in the log.
  public Sessions(
      Supplier<Served> served, ServiceId service, Limits limits, Clock clock, Spawner spawner) {
    this(served, service, limits, clock, spawner, Sessions::log);
  }

  private Sessions(
      Supplier<Served> served,
      ServiceId service,
      Limits limits,
      Clock clock,
      Spawner spawner,
      Consumer<String> damages) {
    this.served = served;
    this.service = service;
    this.limits = limits;
    this.budgets = new Budgets(limits);
    this.places = new Semaphore(limits.sessions());
    this.clock = clock;
    this.spawner = spawner;
    this.damages = damages;
  }

  private static void log(String line) {
    LOG.error("{}", line);
  }

  @Override
  public void handle(Connection carrier) {
    // A client drops a server that says nothing for two minutes, and one that does not read must
    // not hold a thread for ever.
    Connection connection = new KeptAlive(carrier, clock, spawner);
    try {
      if (!places.tryAcquire()) {
        turnAway(connection);
        return;
      }
      try {
        serve(connection);
      } finally {
        places.release();
      }
    } finally {
      connection.close();
    }
  }

  private void serve(Connection connection) {
    OpenSession session = session(connection, served.get());
    lock.lock();
    try {
      open.add(session);
    } finally {
      lock.unlock();
    }
    try {
      if (!stopping) {
        session.run();
      }
    } finally {
      lock.lock();
      try {
        open.remove(session);
        ended.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private OpenSession session(Connection connection, Served now) {
    Greeting greeting = greeting(now);
    return switch (now) {
      case Served.Whole whole ->
          session(connection, whole.shard(), Optional.<Served.Gate>empty(), greeting);
      case Served.Machines some ->
          session(connection, some.shard(), Optional.of(some.gate()), greeting);
      case Served.Nothing nothing ->
          new WaitingSession(connection, greeting, nothing.why(), clock, spawner);
    };
  }

  private ServerSession session(
      Connection connection, ShardService shard, Optional<Served.Gate> gate, Greeting greeting) {
    return new ServerSession(
        connection, shard, gate, greeting, service, budgets, clock, spawner, damages);
  }

  private Greeting greeting(Served now) {
    return new Greeting(service, now.mode(), budgets.storeCreditBytes(), clock);
  }

  /// The place of who has proven nothing for a while is better used by others.
  private void turnAway(Connection connection) {
    all().stream()
        .filter(session -> session.isIdleSince(UNPROVEN_MILLIS))
        .forEach(OpenSession::close);
    Message.Failure full =
        new Message.Failure(
            ErrorCode.UNAVAILABLE,
            RETRY_MILLIS,
            "the server has "
                + limits.sessions()
                + " sessions, as many as it takes: try again in a moment");
    if (hasHeard(connection)) {
      Parting.say(connection, full, clock, spawner, GOODBYE_MILLIS);
    }
  }

  /// Whoever is told of no mode takes a server that is full for one at work, which owns the log:
  /// one that does not says so first. Answers whether there is anybody to tell more.
  private boolean hasHeard(Connection connection) {
    Served now = served.get();
    if (now.mode() == ServerMode.ALL) {
      return true;
    }
    try {
      connection.send(0, greeting(now).welcome());
      return true;
    } catch (UnavailableException e) {
      return false;
    }
  }

  /// How many there are.
  public int count() {
    return all().size();
  }

  private List<OpenSession> all() {
    lock.lock();
    try {
      return List.copyOf(open);
    } finally {
      lock.unlock();
    }
  }

  /// What they hold of the memory that they share, in bytes; nothing once there are none.
  public long heldBytes() {
    return budgets.storeBytes() + budgets.fetchBytes() + budgets.requestBytes();
  }

  /// What of that is for blocks that come.
  public long heldStoreBytes() {
    return budgets.storeBytes();
  }

  Budgets budgets() {
    return budgets;
  }

  Limits limits() {
    return limits;
  }

  /// Says goodbye to all of them, and cuts those that do not close in time.
  @Override
  public void close() {
    stopping = true;
    all()
        .forEach(session ->
            spawner.spawn(
                "goodbye", () -> session.goodbye("it is stopping: try again in a moment")));
    Deadline deadline = new Deadline(clock, spawner, GOODBYE_MILLIS, this::cut);
    try {
      awaitEnd();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    deadline.callOff();
    all().forEach(OpenSession::close);
  }

  private void cut() {
    lock.lock();
    try {
      late = true;
      open.forEach(OpenSession::close);
      ended.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void awaitEnd() throws InterruptedException {
    lock.lock();
    try {
      while (!late && !open.isEmpty()) {
        ended.await();
      }
    } finally {
      lock.unlock();
    }
  }
}
