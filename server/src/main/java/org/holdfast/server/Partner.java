package org.holdfast.server;

import java.security.SecureRandom;
import java.util.Locale;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.Session;
import org.holdfast.protocol.TlsConnector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The other server of a service, asked over its clients' port, with the service's own key, whether
/// it owns the log.
final class Partner {
  private static final Logger LOG = LoggerFactory.getLogger(Partner.class);
  private static final String AGENT = "standby";

  private final String host;
  private final int port;
  private final Bytes serverKey;
  private final SecureRandom random;
  private final Clock clock;
  private final Spawner spawner;
  private volatile boolean told;

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
    Connection connection;
    try {
      connection =
          new TlsConnector(random, clock, spawner, limitMillis, limitMillis)
              .connect(host, port, serverKey, "the secrets file");
    } catch (RefusedException e) {
      tell(e);
      return State.SILENT;
    } catch (UnavailableException e) {
      return State.SILENT;
    }
    try (Session session = Session.open(connection, clock, spawner, AGENT)) {
      return switch (session.mode()) {
        case ALL -> State.OWNER;
        case READ_ONLY, STANDBY -> State.STANDBY;
        case RECOVERING -> State.RECOVERING;
      };
    } catch (HoldfastException e) {
      // It has shown the service's key, and has no place for us: an owner at work.
      LOG.debug("the partner {} turns us away: {}", this, e.getMessage());
      return State.OWNER;
    }
  }

  /// Once: it is asked each second.
  private void tell(RefusedException why) {
    if (!told) {
      told = true;
      LOG.error("the partner {} is none: {}", this, why.getMessage());
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
    /// It says that it makes its index.
    RECOVERING,
    /// Nothing is heard of it.
    SILENT;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
