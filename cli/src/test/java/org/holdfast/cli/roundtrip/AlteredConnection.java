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

/// A server's end at which an error is the answer to some messages, which go no further, or stands
/// in the place of some answers.
record AlteredConnection(
    Connection end,
    Class<? extends Message> refused,
    Class<? extends Message> replaced,
    ErrorCode code)
    implements Connection {
  /// Every commit of a backup is answered by an error.
  static Connection refusingCommits(Connection end, ErrorCode code) {
    return new AlteredConnection(end, Message.Commit.class, Message.Commit.class, code);
  }

  /// A deletion is carried out, and nobody is told.
  static Connection losingDeletions(Connection end) {
    return new AlteredConnection(
        end, Message.Deletion.class, Message.Deletion.class, ErrorCode.UNAVAILABLE);
  }

  @Override
  public void send(int stream, Message message) throws UnavailableException {
    end.send(
        stream,
        replaced.isInstance(message)
            ? new Message.Failure(code, 0, "no answer in this test")
            : message);
  }

  @Override
  public Optional<Received> receive() throws CorruptException, UnavailableException {
    Optional<Received> next = end.receive();
    while (next.isPresent() && refused.isInstance(next.get().message())) {
      end.send(next.get().stream(), new Message.Failure(code, 0, "no commit in this test"));
      next = end.receive();
    }
    return next;
  }

  @Override
  public boolean keepsBytes() {
    return end.keepsBytes();
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
