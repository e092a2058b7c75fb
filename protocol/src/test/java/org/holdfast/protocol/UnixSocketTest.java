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
    Share budget = new Share(16 << 20);
    SteppedClock clock = new SteppedClock();
    try (SocketChannel slow = SocketChannel.open(UnixDomainSocketAddress.of(path()))) {
      Connection server = connections.poll(10, TimeUnit.SECONDS);
      server.meterStores(budget, clock, Spawner.virtual());
      int length = (16 << 20) + 65;
      write(slow, announced(length, 100));
      var received = start(server::receive);
      clock.advance(1, StoreMeter.PIECE_MILLIS - 1);
      assertThat(budget.availableBytes()).as("there is time").isZero();
      assertThat(received).isNotDone();
      clock.advance(1, 1);
      Connection client = UnixConnector.connection(slow, path());
      Message.Failure why = (Message.Failure) client.receive().orElseThrow().message();
      assertThat(why.code()).isEqualTo(ErrorCode.UNAVAILABLE);
      assertThat(why.text()).contains("try again");
      assertThat(why.retryAfterMillis()).isPositive();
      // One that does not close after that is cut off.
      assertThat(received).isNotDone();
      clock.advance(2, 2000);
      assertThatThrownBy(received::get).hasCauseInstanceOf(UnavailableException.class);
      assertThat(budget.isUnused()).isTrue();
    }
  }

  /// 1 MiB in 65 s: no piece is late, though all of the block takes a quarter of an hour.
  @Test
  @Timeout(30)
  void aBlockThatComesSlowlyAndSteadilyArrives() throws Exception {
    Share budget = new Share(16 << 20);
    SteppedClock clock = new SteppedClock();
    try (SocketChannel slow = SocketChannel.open(UnixDomainSocketAddress.of(path()))) {
      Connection server = connections.poll(10, TimeUnit.SECONDS);
      server.meterStores(budget, clock, Spawner.virtual());
      ByteBuffer block = ByteBuffer.allocate(16 << 20);
      Frame frame = MessageCodec.encode(1, ConnectionContract.store(block));
      write(slow, frame.head());
      var received = start(() -> assertThat(server.receive()).isPresent());
      for (int piece = 0; piece < 16; piece++) {
        clock.awaitSleeps(piece + 1);
        clock.advance(piece + 1, 65_536);
        // 65 bytes of names come before the block: the last piece is over with its last bytes.
        write(slow, block.limit((piece + 1) << 20));
      }
      received.get();
      assertThat(budget.availableBytes()).isZero();
    }
  }

  @Test
  @Timeout(30)
  void aConnectionThatEndsInTheMiddleOfABlockLeavesTheBudgetFull() throws Exception {
    Share budget = new Share(16 << 20);
    SocketChannel cut = SocketChannel.open(UnixDomainSocketAddress.of(path()));
    Connection server = connections.poll(10, TimeUnit.SECONDS);
    server.meterStores(budget, new SteppedClock(), Spawner.virtual());
    write(cut, announced(1 << 20, 500));
    var received = start(server::receive);
    while (budget.isUnused()) {
      Thread.onSpinWait();
    }
    cut.close();
    assertThatThrownBy(received::get).hasCauseInstanceOf(UnavailableException.class);
    assertThat(budget.isUnused()).isTrue();
  }

  @Test
  @Timeout(30)
  void aMessageThatGoesOutSlowlyKeepsItsConnection() throws Exception {
    SteppedClock clock = new SteppedClock();
    try (SocketChannel slow = SocketChannel.open(UnixDomainSocketAddress.of(path()))) {
      Connection server =
          new KeptAlive(connections.poll(10, TimeUnit.SECONDS), clock, Spawner.virtual());
      var sender =
          start(() -> server.send(1, ConnectionContract.store(ByteBuffer.allocate(4 << 20))));
      for (int look = 1; look <= 8; look++) {
        long before = server.sentBytes();
        while (server.sentBytes() == before) {
          slow.read(ByteBuffer.allocate(64 << 10));
        }
        clock.advance(look, KeptAlive.LOOK_MILLIS);
        clock.awaitSleeps(look + 1);
      }
      assertThat(sender).isNotDone();
      var reader =
          start(() -> {
            while (slow.read(ByteBuffer.allocate(1 << 20)) >= 0) {}
          });
      sender.get();
      server.close();
      reader.get();
    }
  }

  /// A STORE's header, and so much of its payload.
  private static ByteBuffer announced(int length, int sent) {
    ByteBuffer start = ByteBuffer.allocate(FrameHeader.LENGTH + sent);
    new FrameHeader(length, MessageType.STORE, 1).encode(start);
    return start.rewind();
  }

  private static void write(SocketChannel to, ByteBuffer bytes) throws Exception {
    while (bytes.hasRemaining()) {
      to.write(bytes);
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
