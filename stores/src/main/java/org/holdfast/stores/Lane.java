package org.holdfast.stores;

import java.io.IOException;
import java.io.OutputStream;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import org.holdfast.core.Clock;

/// One way of all connections: counts bytes and keeps them at a rate. Any thread may call.
final class Lane {
  private final Pacer pacer;
  private final LongSupplier bytesPerSecond;
  private final IntConsumer count;

  /// @param bytesPerSecond may change; 0: no limit
  Lane(Clock clock, LongSupplier bytesPerSecond, IntConsumer count) {
    this.pacer = new Pacer(clock);
    this.bytesPerSecond = bytesPerSecond;
    this.count = count;
  }

  /// Sends bytes when it is their turn.
  void send(OutputStream out, byte[] bytes, int length) throws IOException, InterruptedException {
    send(out, bytes, length, () -> {});
  }

  /// Sends bytes when it is their turn, and does something just before the last of them go.
  void send(OutputStream out, byte[] bytes, int length, Runnable beforeLast)
      throws IOException, InterruptedException {
    int sent = 0;
    while (sent < length) {
      long rate = bytesPerSecond.getAsLong();
      int piece = Pacer.piece(length - sent, rate);
      pacer.pass(piece, rate);
      count.accept(piece);
      if (sent + piece == length) {
        beforeLast.run();
      }
      out.write(bytes, sent, piece);
      sent += piece;
    }
  }
}
