package org.holdfast.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.holdfast.core.Bytes;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.core.UnavailableException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class TlsTest extends ConnectionContract {
  private final TlsService service;

  TlsTest() throws Exception {
    service = new TlsService(10_000);
  }

  @Override
  Pipe.Ends connect() throws Exception {
    return service.ends();
  }

  @AfterEach
  void stop() {
    service.close();
  }

  @Test
  void bindingsDifferFromSessionToSession() throws Exception {
    assertThat(connect().client().binding()).isNotEqualTo(connect().client().binding());
  }

  @Test
  void bothEndsKnowTheServersKey() throws Exception {
    assertThat(connect().client().serverKey()).isEqualTo(service.identity.publicKey());
  }

  @Test
  void anotherKeyThanThePinnedOneIsRefused() {
    Bytes other = ServerIdentity.create(new SecureRandom()).publicKey();
    assertThatThrownBy(() -> service.connect(other))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("the server at localhost:" + service.port() + " shows another key");
  }

  @Test
  void aServerThatDoesNotRunIsUnavailable() throws Exception {
    ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    gone.close();
    assertThatThrownBy(() -> connector(10_000).connect("localhost", gone.getLocalPort(), anyKey()))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("localhost:" + gone.getLocalPort())
        .hasMessageContaining("refused");
  }

  @Test
  void aServerThatSaysNothingIsUnavailable() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      TlsConnector hasty =
          new TlsConnector(new SecureRandom(), new SystemClock(), Spawner.virtual(), 10_000, 200);
      assertThatThrownBy(
              () -> hasty.connect("localhost", silent.getLocalPort(), service.identity.publicKey()))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("took too long");
    }
  }

  @Test
  void aServerThatIsNotOneOfOursIsRefused() throws Exception {
    try (ServerSocket web = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var answer = start(() -> answerInPlainText(web));
      assertThatThrownBy(() -> connector(10_000).connect("localhost", web.getLocalPort(), anyKey()))
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("no Holdfast server");
      answer.get();
    }
  }

  @Test
  void clientsOfTls12AreRefused() throws Exception {
    try (SSLSocket old = anySocket()) {
      old.setEnabledProtocols(new String[] {"TLSv1.2"});
      assertThatThrownBy(old::startHandshake).isInstanceOf(IOException.class);
    }
    assertThat(service.dropped.poll(10, TimeUnit.SECONDS)).contains("no connection with 127.0.0.1");
    assertListenerIsWell();
  }

  @Test
  void clientsOfAnotherProtocolAreRefused() throws Exception {
    try (SSLSocket web = anySocket()) {
      SSLParameters parameters = web.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {"h2"});
      web.setSSLParameters(parameters);
      assertThatThrownBy(web::startHandshake).isInstanceOf(IOException.class);
    }
    try (SSLSocket nameless = anySocket()) {
      nameless.startHandshake();
      assertThat(nameless.getInputStream().read()).isEqualTo(-1);
    }
    assertListenerIsWell();
  }

  @Test
  void garbageDoesNotHarmTheListener() throws Exception {
    for (String garbage :
        new String[] {"GET / HTTP/1.1\r\n\r\n", "", "\u0016\u0003\u0001\0\u0005"}) {
      try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
        plain.getOutputStream().write(garbage.getBytes(UTF_8));
        plain.shutdownOutput();
        plain.getInputStream().readAllBytes();
      }
      assertThat(service.dropped.poll(10, TimeUnit.SECONDS)).isNotNull();
    }
    assertListenerIsWell();
  }

  @Test
  void aHandshakeThatTakesTooLongIsCutOff() throws Exception {
    try (TlsService hasty = new TlsService(200);
        Socket silent = new Socket(InetAddress.getLoopbackAddress(), hasty.port())) {
      assertThat(silent.getInputStream().read()).isEqualTo(-1);
      assertThat(hasty.dropped.poll(10, TimeUnit.SECONDS)).isNotNull();
    }
  }

  /// Two connections of one context: the second would resume the first if it had a ticket, and the
  /// server's certificate would not be looked at again.
  @Test
  void theServerSendsNoSessionTickets() throws Exception {
    CertificateCounter counter = new CertificateCounter();
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {counter}, new SecureRandom());
    for (int round = 1; round <= 2; round++) {
      try (SSLSocket socket = socket(context)) {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"holdfast/1"});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        Connection server = service.connections.poll(10, TimeUnit.SECONDS);
        server.send(0, new Message.Ping());
        assertThat(socket.getInputStream().readNBytes(FrameHeader.LENGTH)).hasSize(12);
      }
      assertThat(counter.seen).isEqualTo(round);
    }
  }

  /// The server's error is not lost although the client goes on sending.
  @Test
  void theLastMessageArrivesAlthoughTheClientIsStillSending() throws Exception {
    Pipe.Ends ends = connect();
    ends.client().send(0, new Message.Ping());
    assertThat(ends.server().receive()).isPresent();
    var parting =
        start(() ->
            Parting.say(
                ends.server(),
                new Message.Goodbye("enough"),
                new SystemClock(),
                Spawner.virtual(),
                20_000));
    for (int i = 0; i < 30; i++) {
      ends.client().send(1, store(ByteBuffer.allocate(1 << 20)));
    }
    assertThat(ends.client().receive()).contains(new Received(0, new Message.Goodbye("enough")));
    assertThat(parting).isNotDone();
    ends.client().close();
    parting.get();
  }

  private SSLSocket anySocket() throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new CertificateCounter()}, new SecureRandom());
    return socket(context);
  }

  private SSLSocket socket(SSLContext context) throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    return (SSLSocket) context.getSocketFactory().createSocket(loopback, service.port());
  }

  private Bytes anyKey() {
    return service.identity.publicKey();
  }

  private static TlsConnector connector(int handshakeMillis) {
    return new TlsConnector(
        new SecureRandom(), new SystemClock(), Spawner.virtual(), 10_000, handshakeMillis);
  }

  private void assertListenerIsWell() throws Exception {
    service.connections.clear();
    Pipe.Ends ends = connect();
    ends.client().send(0, new Message.Ping());
    assertThat(ends.server().receive()).contains(new Received(0, new Message.Ping()));
  }

  private static void answerInPlainText(ServerSocket web) throws IOException {
    try (Socket accepted = web.accept()) {
      accepted.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(UTF_8));
      accepted.getInputStream().readAllBytes();
    }
  }

  @Test
  void theCertificateIsWellFormedAndSignedByItsOwnKey() throws Exception {
    X509Certificate certificate = service.identity.certificate();
    certificate.verify(certificate.getPublicKey());
    certificate.checkValidity();
    assertThat(certificate.getVersion()).isEqualTo(3);
    assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=holdfast");
    assertThat(RawKeys.raw(certificate.getPublicKey())).isEqualTo(service.identity.publicKey());
    assertThat(service.identity.certificate()).isEqualTo(certificate);
  }

  /// Trusts everybody and counts.
  private static final class CertificateCounter implements X509TrustManager {
    int seen;

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {
      seen++;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
