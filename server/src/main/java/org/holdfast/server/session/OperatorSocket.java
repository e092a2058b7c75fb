package org.holdfast.server.session;

import java.util.List;
import java.util.function.Supplier;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.ServiceId;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.ConnectionHandler;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.ServerMode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes the operator's commands, each a list of words, from the local socket.
public final class OperatorSocket implements ConnectionHandler {
  private static final Logger LOG = LoggerFactory.getLogger(OperatorSocket.class);

  private final ServiceId service;
  private final Clock clock;
  private final Supplier<Commands> commands;

  /// `commands` says who answers at the moment.
  public OperatorSocket(ServiceId service, Clock clock, Supplier<Commands> commands) {
    this.service = service;
    this.clock = clock;
    this.commands = commands;
  }

  @Override
  public void handle(Connection connection) {
    try {
      for (var next = connection.receive(); next.isPresent(); next = connection.receive()) {
        switch (next.get().message()) {
          case Message.Hello _ ->
              connection.send(
                  0,
                  new Message.Welcome(
                      1, service, clock.wallMillis(), ServerMode.ALL, Budgets.STORE_CREDIT));
          case Message.Operate operate ->
              connection.send(next.get().stream(), answer(operate.words()));
          case Message.Goodbye _ -> {
            return;
          }
          case Message _ -> {}
        }
      }
    } catch (HoldfastException e) {
      tell(connection, e);
    } finally {
      connection.close();
    }
  }

  private Message answer(List<String> words) {
    try {
      return new Message.OperateReply(0, commands.get().run(words));
    } catch (HoldfastException e) {
      return new Message.OperateReply(1, String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      LOG.error("an operator's command failed in a way that should not be possible", e);
      return new Message.OperateReply(1, "the server has met a defect of its own: " + e);
    }
  }

  private static void tell(Connection connection, HoldfastException failure) {
    try {
      connection.send(0, Message.Failure.of(failure));
    } catch (HoldfastException e) {
      failure.addSuppressed(e);
    }
  }

  /// Carries commands out.
  public interface Commands {
    /// What to print.
    String run(List<String> words) throws HoldfastException;
  }
}
