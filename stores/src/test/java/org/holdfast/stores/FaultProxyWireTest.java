package org.holdfast.stores;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What passes through the proxy, and how: over an echo in the store's place.
final class FaultProxyWireTest {
  private static final String EXPECTING =
      "PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n";

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Set<InetSocketAddress> storeConnections = ConcurrentHashMap.newKeySet();
  private final Set<String> hosts = ConcurrentHashMap.newKeySet();
  private ExecutorService threads;
  private HttpServer store;
  private FaultProxy proxy;
  private HttpClient client;

  @BeforeEach
  void start() throws Exception {
    threads = Executors.newVirtualThreadPerTaskExecutor();
    store = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    store.setExecutor(threads);
    store.createContext("/", this::echo);
    store.createContext("/refused", FaultProxyWireTest::refuseUnread);
    store.start();
    URI endpoint = URI.create("http://127.0.0.1:" + store.getAddress().getPort());
    proxy = FaultProxy.start(endpoint, Weather.CALM);
    client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  }

  @AfterEach
  void stop() {
    proxy.close();
    client.shutdownNow();
    client.close();
    store.stop(0);
    threads.close();
  }

  /// Answers with the body, chunked where the target says so.
  private void echo(HttpExchange exchange) throws IOException {
    storeConnections.add(exchange.getRemoteAddress());
    hosts.add(exchange.getRequestHeaders().getFirst("Host"));
    byte[] body = exchange.getRequestBody().readAllBytes();
    boolean chunked = exchange.getRequestURI().getPath().equals("/chunked");
    int length = body.length == 0 ? -1 : body.length;
    exchange.sendResponseHeaders(200, chunked ? 0 : length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static void refuseUnread(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(403, -1);
    exchange.close();
  }

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new Random(2).nextBytes(bytes);
    return bytes;
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(proxy.endpoint().resolve(path)).timeout(PATIENCE);
  }

  private HttpResponse<byte[]> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private static HttpRequest.BodyPublisher unknownLength(byte[] body) {
    return HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body));
  }

  @Test
  void connectionsAreUsedAgain() throws Exception {
    byte[] body = bytes(70_000);
    for (String path : new String[] {"/", "/chunked"}) {
      HttpRequest.Builder fixed = request(path).PUT(HttpRequest.BodyPublishers.ofByteArray(body));
      assertThat(send(fixed).body()).isEqualTo(body);
      assertThat(send(request(path).PUT(unknownLength(body))).body()).isEqualTo(body);
      assertThat(send(request(path).GET()).body()).isEmpty();
    }
    assertThat(storeConnections).hasSize(1);
    assertThat(hosts).containsExactly(proxy.endpoint().getAuthority());
    assertThat(proxy.counts().requests()).isEqualTo(6);
  }

  @Test
  void anErrorLeavesTheConnectionUsable() throws Exception {
    HttpRequest.Builder put =
        request("/").PUT(HttpRequest.BodyPublishers.ofByteArray(bytes(9_999)));
    assertThat(send(put).statusCode()).isEqualTo(200);
    proxy.weather(Weather.CALM.with(Fault.SLOW_DOWN, 1));
    assertThat(send(put).statusCode()).isEqualTo(503);
    proxy.weather(Weather.CALM);
    assertThat(send(put).statusCode()).isEqualTo(200);
    assertThat(storeConnections).hasSize(1);
  }

  @Test
  void aClientThatWaitsIsToldToGoOn() throws Exception {
    assertThat(putAfterContinue()).contains("hello");
    try (Hold hold = proxy.holdRequests(r -> true)) {
      Future<String> held = threads.submit(this::putAfterContinue);
      hold.await(1, PATIENCE);
      hold.release();
      assertThat(held.get()).contains("hello");
    }
  }

  /// Sends a body when it is told to: the answer.
  private String putAfterContinue() throws IOException {
    try (Socket socket = new Socket("127.0.0.1", proxy.endpoint().getPort())) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket.getOutputStream().write((EXPECTING + "Connection: close\r\n\r\n").getBytes(US_ASCII));
      HttpHead goOn = HttpHead.read(socket.getInputStream()).orElseThrow();
      assertThat(goOn.status()).isEqualTo(100);
      socket.getOutputStream().write("hello".getBytes(US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), US_ASCII);
    }
  }

  @Test
  void aClientThatWaitsMayBeRefused() throws Exception {
    proxy.weather(Weather.CALM.with(Fault.SLOW_DOWN, 1));
    String answer =
        raw("PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 503 ").contains("Connection: close");
  }

  /// Sends something and reads to the connection's end.
  private String raw(String text) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", proxy.endpoint().getPort())) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket.getOutputStream().write(text.getBytes(US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), US_ASCII);
    }
  }

  @Test
  void anAnswerBeforeTheBodyIsReadArrives() throws Exception {
    int length = 20_000_000;
    String head = "PUT /refused HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ";
    assertThat(raw(head + length + "\r\n\r\n" + "x".repeat(length))).startsWith("HTTP/1.1 403 ");
  }

  @Test
  void closeLeavesNoThread(@TempDir Path folder) throws Exception {
    send(request("/").GET());
    Hold hold = proxy.holdRequests(r -> r.path().equals("/held"));
    client.sendAsync(request("/held").GET().build(), HttpResponse.BodyHandlers.discarding());
    hold.await(1, PATIENCE);
    proxy.weather(Weather.CALM.withLatency(1e6, 1e6));
    client.sendAsync(request("/slow").GET().build(), HttpResponse.BodyHandlers.discarding());
    while (proxy.counts().requests() < 3) {
      Thread.onSpinWait();
    }
    proxy.weather(Weather.CALM.withBandwidth(1, 0));
    client.sendAsync(
        request("/narrow").PUT(HttpRequest.BodyPublishers.ofByteArray(bytes(1_000_000))).build(),
        HttpResponse.BodyHandlers.discarding());
    while (proxy.counts().passedOn() < 2) {
      Thread.onSpinWait();
    }
    assertThat(threads(folder.resolve("before"))).contains("fault proxy");

    proxy.close();
    assertThat(threads(folder.resolve("after"))).doesNotContain("fault proxy");
  }

  /// All threads, the virtual ones too.
  private static String threads(Path file) throws IOException {
    ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
        .dumpThreads(file.toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.TEXT_PLAIN);
    return Files.readString(file);
  }
}
