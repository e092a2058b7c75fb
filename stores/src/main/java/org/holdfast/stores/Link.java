package org.holdfast.stores;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;

/// A connection of the proxy, to a client or to the store. Reads are buffered, writes are not.
record Link(Socket socket, InputStream in, OutputStream out) {
  private static final int BUFFER_BYTES = 16 << 10;

  static Link of(Socket socket) throws IOException {
    socket.setTcpNoDelay(true);
    InputStream in = new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES);
    return new Link(socket, in, socket.getOutputStream());
  }

  /// The other side reads what was sent, then the end.
  void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // It is of no use any more, closed or not.
    }
  }

  /// The other side meets "connection reset", whatever it is doing: RST, by lingering for no time.
  void reset() {
    try {
      socket.setSoLinger(true, 0);
    } catch (IOException e) {
      // It is closed already.
    }
    close();
  }
}
