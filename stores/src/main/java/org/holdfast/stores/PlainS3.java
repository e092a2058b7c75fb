package org.holdfast.stores;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.holdfast.core.Clock;
import org.holdfast.core.SystemClock;

/// Signed requests to a store, each sent once, on a connection of its own, and as it is: whatever
/// goes wrong with it is an [IOException].
///
/// For tests to prepare a store and to look at it without the code under test, and without the
/// second attempts that HTTP clients make in silence. Bodies of up to 64 MiB. Threads may share it.
public final class PlainS3 {
  private static final int CONNECT_MILLIS = 10_000;
  private static final int READ_MILLIS = 60_000;
  private static final int MOST_CHUNK_BYTES = 64 << 20;

  private final S3Access access;
  private final SigV4 signer;
  private final Clock clock = new SystemClock();

  public PlainS3(S3Access access) {
    this.access = access;
    this.signer = new SigV4(access);
  }

  /// Sends one request. The target is path and query, encoded, the query's parameters in the order
  /// of their names: `/bucket/key` or `/bucket?list-type=2&prefix=a`. Header names in small
  /// letters.
  public Answer send(String method, String target, Map<String, String> headers, byte[] body)
      throws IOException {
    URI uri = access.endpoint().resolve(target);
    Map<String, String> signed =
        signer.sign(
            method, uri, new TreeMap<>(headers), body, Instant.ofEpochMilli(clock.wallMillis()));
    StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\n");
    signed.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    if (!method.equals("GET") && !method.equals("HEAD")) {
      head.append("content-length: ").append(body.length).append("\r\n");
    }
    head.append("connection: close\r\n\r\n");
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(READ_MILLIS);
      socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()), CONNECT_MILLIS);
      Link link = Link.of(socket);
      link.out().write(head.toString().getBytes(ISO_8859_1));
      link.out().write(body);
      return read(method, link.in());
    }
  }

  private static Answer read(String method, InputStream in) throws IOException {
    HttpHead head = nextHead(in);
    while (head.status() < 200) {
      head = nextHead(in);
    }
    byte[] body =
        switch (head.answerBody(method)) {
          case BodyLength.Fixed(long bytes) -> exactly(in, bytes);
          case BodyLength.Chunked _ -> chunks(in);
          case BodyLength.ToEnd _ -> in.readAllBytes();
        };
    return new Answer(head.status(), head.headers(), body);
  }

  private static HttpHead nextHead(InputStream in) throws IOException {
    return HttpHead.read(in).orElseThrow(() -> new EOFException("no answer"));
  }

  private static byte[] exactly(InputStream in, long bytes) throws IOException {
    byte[] read = in.readNBytes(Math.toIntExact(bytes));
    if (read.length < bytes) {
      throw new EOFException("only " + read.length + " bytes of " + bytes);
    }
    return read;
  }

  private static byte[] chunks(InputStream in) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int size = chunkSize(in); size > 0; size = chunkSize(in)) {
      body.write(exactly(in, size));
      exactly(in, 2);
    }
    return body.toByteArray();
  }

  private static int chunkSize(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0 || line.length() > 100) {
        throw new EOFException("no chunk");
      }
      line.append((char) next);
    }
    try {
      int size = Integer.parseInt(line.toString().split(";", 2)[0].strip(), 16);
      if (size >= 0 && size <= MOST_CHUNK_BYTES) {
        return size;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw new IOException("no chunk's size: " + line);
  }

  public Answer get(String target) throws IOException {
    return send("GET", target, Map.of(), new byte[0]);
  }

  public Answer put(String target, byte[] body) throws IOException {
    return send("PUT", target, Map.of(), body);
  }

  /// A PUT on the condition that there is no such object.
  public Answer putIfAbsent(String target, byte[] body) throws IOException {
    return send("PUT", target, Map.of("if-none-match", "*"), body);
  }

  /// Makes a bucket; one that is there already is fine.
  public void makeBucket(String bucket) throws IOException {
    Answer answer = put("/" + bucket, new byte[0]);
    if (answer.status() != 200 && answer.status() != 409) {
      throw new IOException("bucket " + bucket + " was not made: " + answer);
    }
  }

  /// What the store answered.
  public static final class Answer {
    private final int status;
    private final Map<String, String> headers;
    private final byte[] body;

    private Answer(int status, Map<String, String> headers, byte[] body) {
      this.status = status;
      this.headers = headers;
      this.body = body;
    }

    public int status() {
      return status;
    }

    /// By their names in small letters.
    public Map<String, String> headers() {
      return headers;
    }

    /// Not a copy.
    public byte[] body() {
      return body;
    }

    /// The body as text.
    public String text() {
      return new String(body, UTF_8);
    }

    @Override
    public String toString() {
      return status + " " + text();
    }
  }
}
