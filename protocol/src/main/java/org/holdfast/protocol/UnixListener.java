package org.holdfast.protocol;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;

/// The server's Unix domain socket, for its operator's commands.
///
/// - The socket lies in a folder of mode 0700 that its user owns: between binding and setting the
///   file's own mode to 0600 nobody else can reach it.
/// - A socket file that nobody listens on any more is replaced; one that answers is left alone.
public final class UnixListener implements AutoCloseable {
  /// Commands come from one operator.
  private static final int MAX_CONNECTIONS = 16;

  private static final Set<PosixFilePermission> FOLDER_MODE =
      PosixFilePermissions.fromString("rwx------");
  private static final Set<PosixFilePermission> FILE_MODE =
      PosixFilePermissions.fromString("rw-------");

  private final ServerSocketChannel channel;
  private final Path path;
  private final Spawner spawner;
  private final Semaphore connections = new Semaphore(MAX_CONNECTIONS);

  private UnixListener(ServerSocketChannel channel, Path path, Spawner spawner) {
    this.channel = channel;
    this.path = path;
    this.spawner = spawner;
  }

  /// Binds the socket; makes its folder if there is none.
  public static UnixListener open(Path path, Spawner spawner) throws HoldfastException {
    try {
      prepareFolder(path);
      removeStale(path);
      ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        channel.bind(UnixDomainSocketAddress.of(path));
        Files.setPosixFilePermissions(path, FILE_MODE);
      } catch (IOException e) {
        channel.close();
        throw e;
      }
      return new UnixListener(channel, path, spawner);
    } catch (IOException e) {
      throw new UnavailableException(
          "cannot listen on "
              + path
              + " ("
              + StreamConnection.reason(e)
              + "): choose a shorter path in a folder that the server may write to",
          e);
    }
  }

  /// Accepts connections until [#close].
  public void serve(ConnectionHandler handler) {
    while (channel.isOpen()) {
      connections.acquireUninterruptibly();
      boolean handedOver = false;
      try {
        SocketChannel accepted = channel.accept();
        spawner.spawn("operator's connection", () -> run(accepted, handler));
        handedOver = true;
      } catch (IOException e) {
        close();
      } finally {
        if (!handedOver) {
          connections.release();
        }
      }
    }
  }

  /// Stops accepting and removes the file. Connections that exist go on.
  @Override
  public void close() {
    try {
      boolean wasOpen = channel.isOpen();
      channel.close();
      if (wasOpen) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      // A file that stays behind is replaced at the next start.
    }
  }

  private void run(SocketChannel accepted, ConnectionHandler handler) {
    try (Connection connection = UnixConnector.connection(accepted, path)) {
      handler.handle(connection);
    } finally {
      connections.release();
    }
  }

  private static void prepareFolder(Path path) throws IOException, RefusedException {
    Path folder = path.toAbsolutePath().getParent();
    if (folder == null) {
      throw new RefusedException(path + " is no place for a socket: choose a file in a folder");
    }
    if (!Files.exists(folder)) {
      Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(FOLDER_MODE));
    }
    if (!FOLDER_MODE.containsAll(Files.getPosixFilePermissions(folder))) {
      throw new RefusedException(
          "the folder " + folder + " is open to others: run chmod 700 on it, or choose another");
    }
  }

  private static void removeStale(Path path) throws IOException, RefusedException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    BasicFileAttributes attributes =
        Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!attributes.isOther()) {
      throw new RefusedException(path + " is not a socket: move it away, or choose another path");
    }
    if (answers(path)) {
      throw new RefusedException("a server listens on " + path + " already: stop it first");
    }
    Files.delete(path);
  }

  private static boolean answers(Path path) {
    try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      return probe.isConnected();
    } catch (IOException e) {
      return false;
    }
  }
}
