package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Future;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.core.BlockName;
import org.holdfast.core.Clock;
import org.holdfast.core.Right;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.core.UnavailableException;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Pipe;
import org.holdfast.protocol.RightKey;
import org.holdfast.protocol.ServerMode;
import org.holdfast.protocol.Session;
import org.holdfast.server.session.Sessions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// A service with sessions over pipes, for tests of what clients may do.
abstract class WithSessions {
  static final Spawner SPAWNER = Spawner.virtual();
  static final Clock CLOCK = new SystemClock();
  static final int MIB = 1 << 20;

  @TempDir Path folder;

  final World world = new World();
  final MemoryBucket memory = new MemoryBucket();
  final GatedBucket bucket = new GatedBucket(memory);
  final List<Session> open = new ArrayList<>();
  Service service;
  Sessions sessions;

  @BeforeEach
  void start() throws Exception {
    service = world.own(bucket, folder.resolve("state"));
    sessions = new Sessions(service.shard(), World.SERVICE, ServerMode.ALL, CLOCK, SPAWNER);
  }

  @AfterEach
  void stop() throws Exception {
    bucket.set(GatedBucket.Gate.OPEN);
    open.forEach(Session::close);
    sessions.close();
    awaitDurable();
    service.close();
  }

  /// A bucket that is back is found when a put is tried again.
  void awaitDurable() throws Exception {
    while (world.stopped.isEmpty()) {
      try {
        service.shard().awaitDurable();
        return;
      } catch (UnavailableException e) {
        Thread.yield();
      }
    }
  }

  Connection carrier() {
    Pipe.Ends ends = Pipe.open(MIB, Client.RANDOM);
    SPAWNER.spawn("session", () -> sessions.handle(ends.server()));
    return ends.client();
  }

  Session connect() throws Exception {
    Session session = Session.open(carrier(), CLOCK, SPAWNER, "test");
    open.add(session);
    return session;
  }

  Session connect(Client client, Right... rights) throws Exception {
    Session session = connect();
    for (Right right : rights) {
      client.prove(session, right);
    }
    return session;
  }

  Client registered() throws Exception {
    Client client = new Client().invited(service.shard(), "", CLOCK.wallMillis() + 60_000);
    client.register(connect());
    return client;
  }

  static byte[] bytes(int length, int seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  static List<BlockName> names() {
    return List.of(BlockName.random(Client.RANDOM));
  }

  Connection proven(Client client) throws Exception {
    return proven(client, client.keys.get(0));
  }

  Connection proven(Client client, RightKey key) throws Exception {
    Connection raw = carrier();
    raw.send(0, new Message.Hello(1, 1, "raw"));
    raw.receive();
    var text = org.holdfast.protocol.Proof.session(raw, World.SERVICE, client.machine, key.right());
    var proof = org.holdfast.protocol.Proof.sign(key.privateKey(), text);
    raw.send(1, new Message.Prove(client.machine, key.right(), proof));
    assertThat(raw.receive().orElseThrow().message()).isInstanceOf(Message.Done.class);
    return raw;
  }

  static Object outcome(Future<?> future) throws InterruptedException {
    try {
      Object value = future.get();
      return value == null ? "nothing" : value;
    } catch (java.util.concurrent.ExecutionException e) {
      return e.getCause();
    }
  }
}
