package org.holdfast.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SlowLinkTest {
  private static final double BYTES_PER_SECOND = 4e6;
  private static final double DELAY_MILLIS = 40;

  /// So much later than it should may something come on a machine that is busy.
  private static final double LATE = 1.5;

  private ServerSocket server;
  private SlowLink link;

  @BeforeEach
  void listen() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    link = SlowLink.to(server.getLocalPort(), BYTES_PER_SECOND, DELAY_MILLIS);
  }

  @AfterEach
  void close() throws IOException {
    link.close();
    server.close();
  }

  private Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), link.port());
  }

  @Test
  void bytesComeInOrderAndWholeAtTheLinesRate() throws Exception {
    byte[] sent = random(2_000_000);
    try (Socket client = connect();
        Socket other = server.accept()) {
      long start = System.nanoTime();
      send(client, sent);
      assertThat(other.getInputStream().readAllBytes()).isEqualTo(sent);
      assertThat(seconds(start))
          .isBetween(sent.length / BYTES_PER_SECOND, LATE * sent.length / BYTES_PER_SECOND + 0.5);
    }
    assertThat(link.upBytes()).isEqualTo(sent.length);
    assertThat(link.downBytes()).isZero();
  }

  @Test
  void connectionsShareTheRate() throws Exception {
    byte[] sent = random(1_000_000);
    try (Socket one = connect();
        Socket otherOne = server.accept();
        Socket two = connect();
        Socket otherTwo = server.accept()) {
      long start = System.nanoTime();
      send(one, sent);
      send(two, sent);
      CompletableFuture<byte[]> second = receive(otherTwo);
      assertThat(otherOne.getInputStream().readAllBytes()).isEqualTo(sent);
      assertThat(second.get()).isEqualTo(sent);
      assertThat(seconds(start)).isGreaterThan(2 * sent.length / BYTES_PER_SECOND);
    }
  }

  @Test
  void anAnswerTakesARoundTrip() throws Exception {
    try (Socket client = connect();
        Socket other = server.accept()) {
      answer(client, other);
      long start = System.nanoTime();
      answer(client, other);
      assertThat(seconds(start)).isBetween(2 * DELAY_MILLIS / 1e3, LATE * DELAY_MILLIS / 500 + 0.2);
    }
  }

  @Test
  void whoeverSendsIsHeldUp() throws Exception {
    byte[] sent = random(64_000_000);
    try (Socket client = connect();
        Socket other = server.accept()) {
      client.setSendBufferSize(100_000);
      send(client, sent);
      other.getInputStream().readNBytes(100_000);
      assertThat(link.upBytes()).isLessThan(sent.length / 10);
    }
  }

  private static void answer(Socket client, Socket other) throws IOException {
    client.getOutputStream().write(1);
    assertThat(other.getInputStream().read()).isEqualTo(1);
    other.getOutputStream().write(2);
    assertThat(client.getInputStream().read()).isEqualTo(2);
  }

  /// In a thread of its own, since the link takes less than all of it.
  private static void send(Socket client, byte[] bytes) {
    Thread.ofVirtual()
        .start(() -> {
          try {
            client.getOutputStream().write(bytes);
            client.shutdownOutput();
          } catch (IOException e) {
            // The test is over.
          }
        });
  }

  private static CompletableFuture<byte[]> receive(Socket socket) {
    return CompletableFuture.supplyAsync(() -> {
      try {
        return socket.getInputStream().readAllBytes();
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    });
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(5).nextBytes(bytes);
    return bytes;
  }
}
