package org.holdfast.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

final class UnixSocketTest extends ConnectionContract {
  private final BlockingQueue<Connection> connections = new LinkedBlockingQueue<>();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private UnixListener listener;
  @TempDir Path folder;

  @Override
  Pipe.Ends connect() throws Exception {
    if (listener == null) {
      listener = UnixListener.open(path(), Spawner.virtual());
      Thread.startVirtualThread(() -> listener.serve(this::keep));
    }
    Connection client = UnixConnector.connect(path());
    return new Pipe.Ends(client, connections.poll(10, TimeUnit.SECONDS));
  }

  @AfterEach
  void stop() {
    stopped.countDown();
    listener.close();
  }

  @Test
  void nobodyElseMayUseTheSocket() throws Exception {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path())))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path().getParent())))
        .isEqualTo("rwx------");
  }

  @Test
  void aFolderThatIsOpenToOthersIsRefused() throws Exception {
    Path open = Files.createDirectory(folder.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-x---"));
    assertThatThrownBy(() -> UnixListener.open(open.resolve("socket"), Spawner.virtual()))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("chmod 700");
    assertThat(open.resolve("socket")).doesNotExist();
  }

  @Test
  void aSecondServerIsRefused() {
    assertThatThrownBy(() -> UnixListener.open(path(), Spawner.virtual()))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("already");
    assertThat(path()).exists();
  }

  @Test
  void aSocketThatNobodyListensOnIsReplaced() throws Exception {
    Path stale = path().resolveSibling("stale");
    ServerSocketChannel.open(StandardProtocolFamily.UNIX)
        .bind(UnixDomainSocketAddress.of(stale))
        .close();
    assertThat(stale).exists();
    UnixListener.open(stale, Spawner.virtual()).close();
    assertThat(stale).doesNotExist();
  }

  @Test
  void aFileThatIsNoSocketIsLeftAlone() throws Exception {
    Path file = Files.writeString(path().resolveSibling("file"), "precious");
    assertThatThrownBy(() -> UnixListener.open(file, Spawner.virtual()))
        .isInstanceOf(RefusedException.class);
    assertThat(file).hasContent("precious");
  }

  @Test
  void noServerIsUnavailable() {
    assertThatThrownBy(() -> UnixConnector.connect(path().resolveSibling("none")))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("none");
  }

  @Test
  @Timeout(30)
  void aBlockThatComesTooSlowlyEndsTheConnectionAndItsMemoryIsBack() throws Exception {
    int length = 64 << 10;
    Credit budget = new Credit(1 << 20);
    SteppedClock clock = new SteppedClock();
    try (SocketChannel slow = SocketChannel.open(UnixDomainSocketAddress.of(path()))) {
      Connection server = connections.poll(10, TimeUnit.SECONDS);
      server.meterStores(new Share(budget, 1 << 20), clock, Spawner.virtual());
      ByteBuffer start = ByteBuffer.allocate(FrameHeader.LENGTH + 100);
      new FrameHeader(length, MessageType.STORE, 1).encode(start);
      slow.write(start.rewind());
      var received = start(server::receive);
      clock.advance(1, 30_000 + length / 16 - 1);
      assertThat(budget.availableBytes()).as("there is time").isEqualTo((1 << 20) - length);
      assertThat(received).isNotDone();
      clock.advance(1, 1);
      assertThatThrownBy(received::get).hasCauseInstanceOf(UnavailableException.class);
      assertThat(budget.availableBytes()).isEqualTo(1 << 20);
    }
  }

  @Test
  void aPathTooLongForASocketIsExplained() {
    Path deep = path().resolveSibling("x".repeat(120));
    assertThatThrownBy(() -> UnixListener.open(deep, Spawner.virtual()))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("shorter");
  }

  private Path path() {
    return folder.resolve("run").resolve("operator.sock");
  }

  private void keep(Connection connection) {
    connections.add(connection);
    try {
      stopped.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
