package org.holdfast.protocol;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.CorruptException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;

/// A connection inside one process: two queues of encoded frames, one each way.
///
/// - Messages pass through the codec, so that a service inside the client checks what a server on
///   the network checks; the bytes of blocks are handed over, never copied.
/// - Each queue is bounded in bytes; a frame larger than the bound passes when the queue is empty.
/// - After [#close] the other end still receives what was sent before, then the end.
public final class Pipe implements Connection {
  private static final int BINDING_LENGTH = 32;
  private static final Bytes NO_KEY = Bytes.wrap(new byte[Proof.KEY_LENGTH]);

  private final Lane in;
  private final Lane out;
  private final Bytes binding;
  private final String peer;
  private volatile int limit = FrameHeader.MAX_PAYLOAD;
  private volatile StoreMeter meter = StoreMeter.NONE;

  private Pipe(Lane in, Lane out, Bytes binding, String peer) {
    this.in = in;
    this.out = out;
    this.binding = binding;
    this.peer = peer;
  }

  /// Makes both ends.
  public static Ends open(int capacityBytes, SecureRandom random) {
    byte[] binding = new byte[BINDING_LENGTH];
    random.nextBytes(binding);
    Bytes shared = Bytes.wrap(binding);
    Lane toServer = new Lane(capacityBytes);
    Lane toClient = new Lane(capacityBytes);
    return new Ends(
        new Pipe(toClient, toServer, shared, "in this process"),
        new Pipe(toServer, toClient, shared, "client in this process"));
  }

  @Override
  public void send(int stream, Message message) throws UnavailableException {
    if (!out.put(MessageCodec.encode(stream, message))) {
      throw closed();
    }
  }

  @Override
  public boolean keepsBytes() {
    return true;
  }

  @Override
  public Optional<Received> receive() throws CorruptException, UnavailableException {
    Optional<Frame> frame = in.take();
    if (frame.isEmpty()) {
      if (in.isReaderClosed()) {
        throw closed();
      }
      return Optional.empty();
    }
    ByteBuffer payload = frame.get().head();
    FrameHeader header = FrameHeader.decode(payload, limit);
    StoreMeter used = meter;
    int leased = used.lease(header, in::isReaderClosed).orElseThrow(this::closed);
    boolean complete = false;
    try {
      Message message = MessageCodec.decode(header.type(), payload, frame.get().tail());
      complete = true;
      return Optional.of(new Received(header.stream(), message, leased));
    } finally {
      if (!complete) {
        used.giveBack(leased);
      }
    }
  }

  @Override
  public long sentBytes() {
    return out.passedBytes();
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
    return NO_KEY;
  }

  @Override
  public String peer() {
    return peer;
  }

  @Override
  public void close() {
    out.closeWriter();
    in.closeReader();
    meter.wake();
  }

  private UnavailableException closed() {
    return new UnavailableException("the connection to the " + peer + " is closed: open another");
  }

  /// The two ends of a pipe.
  public record Ends(Connection client, Connection server) {}

  /// One direction.
  private static final class Lane {
    private final int capacityBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Queue<Frame> frames = new ArrayDeque<>();
    private long heldBytes;
    private long passedBytes;
    private boolean writerClosed;
    private boolean readerClosed;

    Lane(int capacityBytes) {
      this.capacityBytes = capacityBytes;
    }

    /// Returns false if one of the ends is closed.
    boolean put(Frame frame) {
      lock.lock();
      try {
        int length = frame.length();
        while (isOpen() && heldBytes > 0 && heldBytes + length > capacityBytes) {
          changed.awaitUninterruptibly();
        }
        if (!isOpen()) {
          return false;
        }
        frames.add(frame);
        heldBytes += length;
        passedBytes += length;
        changed.signalAll();
        return true;
      } finally {
        lock.unlock();
      }
    }

    /// Empty at the end, or if the reader is closed.
    Optional<Frame> take() {
      lock.lock();
      try {
        while (frames.isEmpty() && isOpen()) {
          changed.awaitUninterruptibly();
        }
        Frame frame = frames.poll();
        if (frame == null) {
          return Optional.empty();
        }
        heldBytes -= frame.length();
        changed.signalAll();
        return Optional.of(frame);
      } finally {
        lock.unlock();
      }
    }

    long passedBytes() {
      lock.lock();
      try {
        return passedBytes;
      } finally {
        lock.unlock();
      }
    }

    boolean isReaderClosed() {
      lock.lock();
      try {
        return readerClosed;
      } finally {
        lock.unlock();
      }
    }

    void closeWriter() {
      lock.lock();
      try {
        writerClosed = true;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    void closeReader() {
      lock.lock();
      try {
        readerClosed = true;
        frames.clear();
        heldBytes = 0;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    private boolean isOpen() {
      return !writerClosed && !readerClosed;
    }
  }
}
