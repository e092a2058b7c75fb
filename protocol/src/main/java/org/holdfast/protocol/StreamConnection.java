package org.holdfast.protocol;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.CorruptException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;

/// A connection over a socket's two byte streams.
///
/// Small frames are gathered in a buffer, which is written when no other thread waits to send: the
/// last of several senders writes for all. What does not fit goes to the socket straight from the
/// sender's array.
final class StreamConnection implements Connection {
  /// Four TLS records: a small block shares a record with its header.
  private static final int BUFFER_BYTES = 64 << 10;

  /// What is written at a time, so that a slow line shows that it moves.
  private static final int WRITE_BYTES = 64 << 10;

  private final InputStream in;
  private final OutputStream out;
  private final Bytes binding;
  private final Bytes serverKey;
  private final String peer;
  private final Runnable closer;
  private final ReentrantLock sendLock = new ReentrantLock();
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int buffered;
  private final AtomicLong sentBytes = new AtomicLong();
  private final byte[] header = new byte[FrameHeader.LENGTH];
  private volatile int limit = FrameHeader.MAX_PAYLOAD;
  private volatile StoreMeter meter = StoreMeter.NONE;
  private final AtomicBoolean closed = new AtomicBoolean();

  /// The closer ends the socket and wakes whoever reads or writes; it is called once.
  StreamConnection(
      InputStream in,
      OutputStream out,
      Bytes binding,
      Bytes serverKey,
      String peer,
      Runnable closer) {
    this.in = in;
    this.out = out;
    this.binding = binding;
    this.serverKey = serverKey;
    this.peer = peer;
    this.closer = closer;
  }

  @Override
  public void send(int stream, Message message) throws UnavailableException {
    Frame frame = MessageCodec.encode(stream, message);
    sendLock.lock();
    try {
      append(frame.head());
      if (frame.tail() != null) {
        for (ByteBuffer part : frame.tail().parts()) {
          append(part);
        }
      }
      if (!sendLock.hasQueuedThreads()) {
        flush();
      }
    } catch (IOException e) {
      throw lost(e);
    } finally {
      sendLock.unlock();
    }
  }

  @Override
  public boolean keepsBytes() {
    return false;
  }

  @Override
  public Optional<Received> receive() throws CorruptException, UnavailableException {
    try {
      if (in.readNBytes(header, 0, 1) == 0) {
        return ended();
      }
      readFully(header, 1, header.length);
      FrameHeader next = FrameHeader.decode(ByteBuffer.wrap(header), limit);
      StoreMeter used = meter;
      int leased = used.lease(next, closed::get).orElseThrow(this::closedHere);
      boolean complete = false;
      try {
        byte[] payload = payload(next.length(), leased, used);
        Message message = MessageCodec.decode(next.type(), ByteBuffer.wrap(payload), null);
        complete = true;
        return Optional.of(new Received(next.stream(), message, leased));
      } finally {
        if (!complete) {
          used.giveBack(leased);
        }
      }
    } catch (IOException e) {
      throw lost(e);
    }
  }

  @Override
  public long sentBytes() {
    return sentBytes.get();
  }

  @Override
  public void limitPayload(int bytes) {
    limit = bytes;
  }

  @Override
  public void meterStores(Share share, Clock clock, Spawner spawner) {
    meter = new StoreMeter(share, clock, spawner);
  }

  @Override
  public void giveBack(int leasedBytes) {
    meter.giveBack(leasedBytes);
  }

  @Override
  public Bytes binding() {
    return binding;
  }

  @Override
  public Bytes serverKey() {
    return serverKey;
  }

  @Override
  public String peer() {
    return peer;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      closer.run();
      meter.wake();
    }
  }

  private void append(ByteBuffer bytes) throws IOException {
    if (bytes.hasArray() && bytes.remaining() > buffer.length - buffered) {
      flush();
    }
    if (bytes.hasArray() && bytes.remaining() > buffer.length) {
      write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
      return;
    }
    while (bytes.hasRemaining()) {
      if (buffered == buffer.length) {
        flush();
      }
      int length = Math.min(bytes.remaining(), buffer.length - buffered);
      bytes.get(buffer, buffered, length);
      buffered += length;
    }
  }

  private void flush() throws IOException {
    if (buffered > 0) {
      write(buffer, 0, buffered);
      buffered = 0;
    }
  }

  private void write(byte[] bytes, int from, int length) throws IOException {
    for (int written = 0; written < length; written += WRITE_BYTES) {
      int part = Math.min(WRITE_BYTES, length - written);
      out.write(bytes, from + written, part);
      sentBytes.addAndGet(part);
    }
  }

  private byte[] payload(int length, int leased, StoreMeter used)
      throws IOException, UnavailableException {
    byte[] payload = new byte[length];
    if (leased == 0) {
      readFully(payload, 0, length);
      return payload;
    }
    for (int from = 0; from < length; from += StoreMeter.PIECE_LENGTH) {
      readInTime(payload, from, Math.min(from + StoreMeter.PIECE_LENGTH, length), leased, used);
    }
    return payload;
  }

  private void readInTime(byte[] payload, int from, int to, int leased, StoreMeter used)
      throws IOException, UnavailableException {
    if (in.available() >= to - from) {
      // Most small blocks are here already: they need no thread that watches over them.
      readFully(payload, from, to);
      return;
    }
    Optional<Deadline> deadline = used.deadline(leased, this);
    boolean inTime = true;
    try {
      readFully(payload, from, to);
    } finally {
      inTime = deadline.map(Deadline::callOff).orElse(true);
    }
    if (!inTime) {
      throw StoreMeter.tooSlow(peer);
    }
  }

  private void readFully(byte[] target, int from, int to) throws IOException {
    if (in.readNBytes(target, from, to - from) < to - from) {
      throw new EOFException("it ended in the middle of a message");
    }
  }

  private Optional<Received> ended() throws UnavailableException {
    if (closed.get()) {
      throw closedHere();
    }
    return Optional.empty();
  }

  private UnavailableException lost(IOException e) {
    if (closed.get()) {
      return closedHere();
    }
    if (e instanceof SocketTimeoutException) {
      return new UnavailableException(
          "nothing came from " + peer + " for too long: check the network and try again", e);
    }
    return new UnavailableException(
        "the connection to " + peer + " was lost (" + reason(e) + "): try again", e);
  }

  private UnavailableException closedHere() {
    return new UnavailableException("the connection to " + peer + " is closed: open another");
  }

  static String reason(IOException e) {
    String message = e.getMessage();
    return OneLine.of(message == null ? e.getClass().getSimpleName() : message, 200);
  }
}
