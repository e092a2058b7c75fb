package org.holdfast.protocol;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.CorruptException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;

/// A connection that sends PING when it has nothing else to send, and drops those that come.
///
/// A thread looks every 30 s. If nothing was sent since its last look it sends a PING. If sends
/// wait but no byte has gone out for four looks in a row, the other end has stopped reading: it
/// closes the connection, so that neither a thread nor its memory is held for ever. The PING goes
/// out on a thread of its own: the watcher itself never waits for the carrier.
public final class KeptAlive implements Connection {
  static final long LOOK_MILLIS = 30_000;
  private static final int STUCK_LOOKS = 4;

  private final Connection connection;
  private final Clock clock;
  private final Spawner spawner;

  /// Sent by the owner; the two below count PINGs too.
  private final AtomicLong messages = new AtomicLong();

  private final AtomicLong begun = new AtomicLong();
  private final AtomicLong ended = new AtomicLong();
  private final Thread watcher;

  public KeptAlive(Connection connection, Clock clock, Spawner spawner) {
    this.connection = connection;
    this.clock = clock;
    this.spawner = spawner;
    this.watcher = spawner.spawn("keep-alive " + connection.peer(), this::watch);
  }

  @Override
  public void send(int stream, Message message) throws UnavailableException {
    messages.incrementAndGet();
    sendCounted(stream, message);
  }

  @Override
  public boolean keepsBytes() {
    return connection.keepsBytes();
  }

  @Override
  public Optional<Received> receive() throws CorruptException, UnavailableException {
    while (true) {
      Optional<Received> received = connection.receive();
      if (received.isEmpty() || !(received.get().message() instanceof Message.Ping)) {
        return received;
      }
    }
  }

  @Override
  public long sentBytes() {
    return connection.sentBytes();
  }

  @Override
  public void limitPayload(int bytes) {
    connection.limitPayload(bytes);
  }

  @Override
  public void meterStores(Share share, Clock stores, Spawner threads) {
    connection.meterStores(share, stores, threads);
  }

  @Override
  public void giveBack(int leasedBytes) {
    connection.giveBack(leasedBytes);
  }

  @Override
  public Bytes binding() {
    return connection.binding();
  }

  @Override
  public Bytes serverKey() {
    return connection.serverKey();
  }

  @Override
  public String peer() {
    return connection.peer();
  }

  @Override
  public void close() {
    connection.close();
    watcher.interrupt();
  }

  private void sendCounted(int stream, Message message) throws UnavailableException {
    begun.incrementAndGet();
    try {
      connection.send(stream, message);
    } finally {
      ended.incrementAndGet();
    }
  }

  private void watch() {
    long messagesBefore = messages.get();
    long bytesBefore = connection.sentBytes();
    int stuckLooks = 0;
    try {
      while (stuckLooks < STUCK_LOOKS) {
        clock.sleepMillis(LOOK_MILLIS);
        long bytesNow = connection.sentBytes();
        boolean sending = begun.get() != ended.get();
        stuckLooks = sending && bytesNow == bytesBefore ? stuckLooks + 1 : 0;
        bytesBefore = bytesNow;
        long messagesNow = messages.get();
        if (!sending && messagesNow == messagesBefore) {
          spawner.spawn("ping " + connection.peer(), this::ping);
        }
        messagesBefore = messagesNow;
      }
      connection.close();
    } catch (InterruptedException e) {
      // Closed: there is nothing left to keep alive.
    }
  }

  private void ping() {
    try {
      sendCounted(0, new Message.Ping());
    } catch (UnavailableException e) {
      // Broken. Whoever receives may not be reading at the moment: closing wakes it.
      connection.close();
    }
  }
}
