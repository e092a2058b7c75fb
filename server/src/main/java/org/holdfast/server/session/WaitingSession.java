package org.holdfast.server.session;

import java.util.Optional;
import java.util.function.Supplier;
import org.holdfast.core.Clock;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Parting;

/// A session with a server that has nothing to serve yet: whatever is asked for, it says why.
final class WaitingSession implements OpenSession {
  /// Nobody here proves anything.
  private static final int PAYLOAD_MAX = 64 << 10;

  private static final long PARTING_MILLIS = 2000;

  private final Connection connection;
  private final Greeting greeting;
  private final Supplier<UnavailableException> why;
  private final Clock clock;
  private final Spawner spawner;
  private final long startNanos;

  WaitingSession(
      Connection connection,
      Greeting greeting,
      Supplier<UnavailableException> why,
      Clock clock,
      Spawner spawner) {
    this.connection = connection;
    this.greeting = greeting;
    this.why = why;
    this.clock = clock;
    this.spawner = spawner;
    this.startNanos = clock.nanos();
  }

  @Override
  public void run() {
    connection.limitPayload(PAYLOAD_MAX);
    Optional<Message> last;
    try {
      last = serve();
    } catch (HoldfastException e) {
      last = Optional.of(Message.Failure.of(e));
    }
    last.ifPresent(reason -> Parting.say(connection, reason, clock, spawner, PARTING_MILLIS));
  }

  /// Answers what is to be said last, if anything.
  private Optional<Message> serve() throws HoldfastException {
    Optional<Message.Welcome> welcome = greeting.of(connection);
    if (welcome.isEmpty()) {
      return Optional.empty();
    }
    connection.send(0, welcome.get());
    for (var next = connection.receive(); next.isPresent(); next = connection.receive()) {
      switch (next.get().message()) {
        case Message.Ping _, Message.MoreCredit _ -> {}
        case Message.Goodbye _ -> {
          return Optional.empty();
        }
        case Message.Store _ -> {
          connection.giveBack(next.get().leasedBytes());
          throw new CorruptException("a block was sent by who has proven nothing");
        }
        case Message _ -> connection.send(next.get().stream(), Message.Failure.of(why.get()));
      }
    }
    return Optional.empty();
  }

  @Override
  public void goodbye(String reason) {
    try {
      connection.send(0, new Message.Goodbye(reason));
    } catch (UnavailableException e) {
      connection.close();
    }
  }

  @Override
  public void close() {
    connection.close();
  }

  @Override
  public boolean isIdleSince(long millis) {
    return (clock.nanos() - startNanos) / 1_000_000 > millis;
  }
}
