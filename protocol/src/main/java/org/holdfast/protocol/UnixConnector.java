package org.holdfast.protocol;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.holdfast.core.Bytes;
import org.holdfast.core.UnavailableException;

/// The operator's side of a server's Unix domain socket. The file's permissions are the proof.
public final class UnixConnector {
  private static final Bytes ZEROS = Bytes.wrap(new byte[32]);

  private UnixConnector() {}

  /// Connects to the server that listens there.
  public static Connection connect(Path path) throws UnavailableException {
    try {
      return connection(SocketChannel.open(UnixDomainSocketAddress.of(path)), path);
    } catch (IOException e) {
      throw new UnavailableException(
          "no server listens on "
              + path
              + " ("
              + StreamConnection.reason(e)
              + "): start it, and run this command as its user",
          e);
    }
  }

  static Connection connection(SocketChannel channel, Path path) {
    return new StreamConnection(
        Channels.newInputStream(channel),
        Channels.newOutputStream(channel),
        ZEROS,
        ZEROS,
        path.toString(),
        () -> drop(channel));
  }

  static void drop(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      // The socket is gone either way.
    }
  }
}
