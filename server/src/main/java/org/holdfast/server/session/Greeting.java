package org.holdfast.server.session;

import java.util.Optional;
import org.holdfast.core.Clock;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.ServiceId;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Received;
import org.holdfast.protocol.ServerMode;

/// How a session begins.
final class Greeting {
  private final ServiceId service;
  private final ServerMode mode;
  private final long storeCreditBytes;
  private final Clock clock;

  Greeting(ServiceId service, ServerMode mode, long storeCreditBytes, Clock clock) {
    this.service = service;
    this.mode = mode;
    this.storeCreditBytes = storeCreditBytes;
    this.clock = clock;
  }

  /// What to answer to who has connected; empty if it is gone.
  Optional<Message.Welcome> of(Connection connection) throws HoldfastException {
    Optional<Received> first = connection.receive();
    if (first.isEmpty()) {
      return Optional.empty();
    }
    if (!(first.get().message() instanceof Message.Hello hello)) {
      throw new CorruptException("a session starts with HELLO");
    }
    if (hello.lowestVersion() > 1 || hello.highestVersion() < 1) {
      throw new RefusedException(
          "this server speaks version 1 of the protocol: use a client that does");
    }
    return Optional.of(welcome());
  }

  Message.Welcome welcome() {
    return new Message.Welcome(1, service, clock.wallMillis(), mode, storeCreditBytes);
  }
}
