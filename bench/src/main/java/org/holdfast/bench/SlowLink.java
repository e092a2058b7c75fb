package org.holdfast.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/// Hands connections on to a port of this machine like a long line of a certain rate.
///
/// - All connections share the rate, each direction for itself: a piece leaves when the line is
///   free, takes its length over the rate, and arrives after the delay.
/// - At most [#QUEUE_BYTES] wait for the line, and a connection has at most so many more on their
///   way than the line holds: then nothing is read, and TCP holds the sender up.
/// - What a connection sends first waits for a round trip, as it does for TCP's handshake.
///
/// It has no slow start and loses nothing, so that a real line is slower at the begin of each
/// connection.
final class SlowLink implements AutoCloseable {
  private static final int QUEUE_BYTES = 256 << 10;

  /// Ten packets of Ethernet: short, so that connections alternate.
  private static final int PIECE_BYTES = 15_000;

  private final ServerSocket listener;
  private final int port;
  private final long delayNanos;
  private final int flyingBytesMax;
  private final Line up;
  private final Line down;

  private SlowLink(ServerSocket listener, int port, double bytesPerSecond, long delayNanos) {
    this.listener = listener;
    this.port = port;
    this.delayNanos = delayNanos;
    this.flyingBytesMax = QUEUE_BYTES + (int) Math.min(1 << 30, bytesPerSecond * delayNanos / 1e9);
    this.up = new Line(bytesPerSecond, delayNanos);
    this.down = new Line(bytesPerSecond, delayNanos);
  }

  /// To a port, and back from it.
  ///
  /// @param bytesPerSecond of each direction
  /// @param delayMillis of each direction: half of a round trip
  static SlowLink to(int port, double bytesPerSecond, double delayMillis) throws IOException {
    ServerSocket listener = new ServerSocket();
    // What the kernel takes from the sender beyond the line's own queue is no part of the line.
    listener.setReceiveBufferSize(QUEUE_BYTES);
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    SlowLink link = new SlowLink(listener, port, bytesPerSecond, Math.round(delayMillis * 1e6));
    Thread.ofVirtual().start(link::accept);
    return link;
  }

  int port() {
    return listener.getLocalPort();
  }

  /// Bytes from clients to the server.
  long upBytes() {
    return up.bytes.get();
  }

  /// Bytes from the server to clients.
  long downBytes() {
    return down.bytes.get();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        Socket server = new Socket();
        server.setReceiveBufferSize(QUEUE_BYTES);
        server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        pass(client, server, up, 2 * delayNanos);
        pass(server, client, down, 0);
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void pass(Socket from, Socket to, Line line, long firstNanos) {
    BlockingQueue<Piece> flying = new LinkedBlockingQueue<>();
    Semaphore room = new Semaphore(flyingBytesMax);
    Thread.ofVirtual()
        .start(() -> {
          sleepUntil(System.nanoTime() + firstNanos);
          send(from, line, flying, room);
        });
    Thread.ofVirtual().start(() -> receive(from, to, flying, room));
  }

  /// Until there is no more, which is told by an empty piece.
  private static void send(Socket from, Line line, BlockingQueue<Piece> flying, Semaphore room) {
    byte[] buffer = new byte[PIECE_BYTES];
    try {
      InputStream in = from.getInputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        room.acquireUninterruptibly(read);
        flying.add(new Piece(Arrays.copyOf(buffer, read), line.send(read)));
      }
    } catch (IOException e) {
      // Gone: as if it had ended.
    }
    flying.add(new Piece(new byte[0], line.send(0)));
  }

  /// Goes on when the receiver has gone, so that the sender's side comes to its end.
  private static void receive(Socket from, Socket to, BlockingQueue<Piece> flying, Semaphore room) {
    try {
      while (true) {
        Piece piece = flying.take();
        sleepUntil(piece.arrivalNanos);
        if (piece.bytes.length == 0) {
          break;
        }
        write(piece.bytes, from, to);
        room.release(piece.bytes.length);
      }
      to.shutdownOutput();
      if (from.isOutputShutdown()) {
        from.close();
        to.close();
      }
    } catch (InterruptedException | IOException e) {
      close(from, to);
    }
  }

  private static void write(byte[] bytes, Socket from, Socket to) {
    try {
      to.getOutputStream().write(bytes);
    } catch (IOException e) {
      close(from, to);
    }
  }

  private static void close(Socket from, Socket to) {
    try (from;
        to) {
      // Both.
    } catch (IOException e) {
      // They are gone in any case.
    }
  }

  private static void sleepUntil(long nanos) {
    for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  /// New connections are not taken any more; those that there are end with their sides.
  @Override
  public void close() throws IOException {
    listener.close();
  }

  /// One direction.
  private static final class Line {
    private final ReentrantLock turn = new ReentrantLock(true);
    private final AtomicLong bytes = new AtomicLong();
    private final double bytesPerNano;
    private final long delayNanos;
    private long freeNanos = System.nanoTime();

    Line(double bytesPerSecond, long delayNanos) {
      this.bytesPerNano = bytesPerSecond / TimeUnit.SECONDS.toNanos(1);
      this.delayNanos = delayNanos;
    }

    /// Waits until the queue has room; answers when the last byte arrives.
    long send(int length) {
      turn.lock();
      try {
        // Whoever is next waits behind this one, as it would in the queue.
        sleepUntil(freeNanos - (long) (QUEUE_BYTES / bytesPerNano));
        long now = System.nanoTime();
        freeNanos = (freeNanos - now > 0 ? freeNanos : now) + (long) (length / bytesPerNano);
        bytes.addAndGet(length);
        return freeNanos + delayNanos;
      } finally {
        turn.unlock();
      }
    }
  }

  // Never compared.
  @SuppressWarnings("ArrayRecordComponent")
  private record Piece(byte[] bytes, long arrivalNanos) {}
}
