package org.holdfast.cli.roundtrip;

import java.util.Optional;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.CorruptException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.ErrorCode;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Received;
import org.holdfast.protocol.Share;

/// A server's end at which every commit is answered by an error, and goes no further.
record CommitsFail(Connection end, ErrorCode code) implements Connection {
  @Override
  public void send(int stream, Message message) throws UnavailableException {
    end.send(stream, message);
  }

  @Override
  public Optional<Received> receive() throws CorruptException, UnavailableException {
    Optional<Received> next = end.receive();
    while (next.isPresent() && next.get().message() instanceof Message.Commit) {
      end.send(next.get().stream(), new Message.Failure(code, 0, "no commit in this test"));
      next = end.receive();
    }
    return next;
  }

  @Override
  public long sentBytes() {
    return end.sentBytes();
  }

  @Override
  public void limitPayload(int bytes) {
    end.limitPayload(bytes);
  }

  @Override
  public void meterStores(Share share, Clock clock, Spawner spawner) {
    end.meterStores(share, clock, spawner);
  }

  @Override
  public void giveBack(int leasedBytes) {
    end.giveBack(leasedBytes);
  }

  @Override
  public Bytes binding() {
    return end.binding();
  }

  @Override
  public Bytes serverKey() {
    return end.serverKey();
  }

  @Override
  public String peer() {
    return end.peer();
  }

  @Override
  public void close() {
    end.close();
  }
}
