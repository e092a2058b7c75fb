package org.holdfast.server.session;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.holdfast.core.Clock;
import org.holdfast.core.ServiceId;
import org.holdfast.core.Spawner;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.ConnectionHandler;
import org.holdfast.protocol.KeptAlive;
import org.holdfast.protocol.ServerMode;
import org.holdfast.server.shard.ShardService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The sessions of all clients.
public final class Sessions implements ConnectionHandler, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);

  private final ShardService shard;
  private final ServiceId service;
  private final ServerMode mode;
  private final Clock clock;
  private final Spawner spawner;
  private final Consumer<String> damages;
  private final Set<Connection> open = ConcurrentHashMap.newKeySet();

  public Sessions(
      ShardService shard, ServiceId service, ServerMode mode, Clock clock, Spawner spawner) {
    this(shard, service, mode, clock, spawner, line -> LOG.error("{}", line));
  }

  /// `damages` hears of damaged objects in the bucket, in one line each.
  public Sessions(
      ShardService shard,
      ServiceId service,
      ServerMode mode,
      Clock clock,
      Spawner spawner,
      Consumer<String> damages) {
    this.shard = shard;
    this.service = service;
    this.mode = mode;
    this.clock = clock;
    this.spawner = spawner;
    this.damages = damages;
  }

  @Override
  public void handle(Connection carrier) {
    // A client drops a server that says nothing for two minutes, and one that does not read must
    // not hold a thread for ever.
    Connection connection = new KeptAlive(carrier, clock, spawner);
    open.add(connection);
    try {
      new ServerSession(connection, shard, service, mode, clock, spawner, damages).run();
    } finally {
      open.remove(connection);
      connection.close();
    }
  }

  /// How many there are.
  public int count() {
    return open.size();
  }

  /// Ends all of them.
  @Override
  public void close() {
    open.forEach(Connection::close);
  }
}
