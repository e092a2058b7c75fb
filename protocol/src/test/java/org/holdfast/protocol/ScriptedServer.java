package org.holdfast.protocol;

import java.security.SecureRandom;
import java.util.List;
import org.holdfast.core.Spawner;

/// The server's end of a pipe, played by the test step by step.
final class ScriptedServer implements AutoCloseable {
  static final int CREDIT = 16 << 20;

  final Connection end;
  final Session session;

  ScriptedServer() throws Exception {
    Pipe.Ends ends = Pipe.open(64 << 20, new SecureRandom());
    end = ends.server();
    Message welcome =
        new Message.Welcome(1, Samples.SERVICE, 1767225600123L, ServerMode.ALL, CREDIT);
    end.send(0, welcome);
    session = Session.open(ends.client(), new SteppedClock(), Spawner.virtual(), "test 1");
    expect(Message.Hello.class);
  }

  /// The next message, which must be of that kind.
  <M extends Message> Request<M> expect(Class<M> kind) throws Exception {
    Received received = end.receive().orElseThrow();
    return new Request<>(received.stream(), kind.cast(received.message()));
  }

  <M extends Message> Request<M> answer(Class<M> kind, Message... replies) throws Exception {
    Request<M> request = expect(kind);
    for (Message reply : List.of(replies)) {
      end.send(request.stream(), reply);
    }
    return request;
  }

  @Override
  public void close() {
    session.close();
    end.close();
  }

  /// A message of a known kind.
  record Request<M extends Message>(int stream, M message) {}
}
