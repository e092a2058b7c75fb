package org.holdfast.server;

import java.security.SecureRandom;
import java.util.Locale;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.protocol.ServerMode;
import org.holdfast.protocol.Session;
import org.holdfast.protocol.TlsConnector;

/// The other server of a service, asked over its clients' port, with the service's own key, whether
/// it owns the log.
final class Partner {
  private static final String AGENT = "standby";

  private final String host;
  private final int port;
  private final Bytes serverKey;
  private final SecureRandom random;
  private final Clock clock;
  private final Spawner spawner;

  /// `serverKey` is the key that all of the service's servers show.
  Partner(
      String host, int port, Bytes serverKey, SecureRandom random, Clock clock, Spawner spawner) {
    this.host = host;
    this.port = port;
    this.serverKey = serverKey;
    this.random = random;
    this.clock = clock;
    this.spawner = spawner;
  }

  /// How it is now. Takes `limitMillis` twice at most, for each of its host's addresses.
  State ask(int limitMillis) {
    TlsConnector connector = new TlsConnector(random, clock, spawner, limitMillis, limitMillis);
    try (Session session =
        Session.open(
            connector.connect(host, port, serverKey, "the secrets file"), clock, spawner, AGENT)) {
      return session.mode() == ServerMode.ALL ? State.OWNER : State.STANDBY;
    } catch (HoldfastException e) {
      return State.SILENT;
    }
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  /// How a partner is.
  enum State {
    /// It says that it takes backups.
    OWNER,
    /// It says that it takes none.
    STANDBY,
    /// Nothing is heard of it.
    SILENT;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
