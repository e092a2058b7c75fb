package org.holdfast.stores;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// A request's or an answer's first line and headers (RFC 9112), with the bytes as they came, so
/// that they can be passed on unchanged.
final class HttpHead {
  private static final int MOST_BYTES = 64 << 10;

  private final byte[] raw;
  private final List<String> firstLine;
  private final Map<String, String> headers;

  private HttpHead(byte[] raw, List<String> firstLine, Map<String, String> headers) {
    this.raw = raw;
    this.firstLine = firstLine;
    this.headers = headers;
  }

  /// The next head, or nothing if the stream ends before it.
  static Optional<HttpHead> read(InputStream in) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
    // How much of CR LF CR LF has been seen.
    int seen = 0;
    while (seen < 4) {
      int next = in.read();
      if (next < 0) {
        if (bytes.size() == 0) {
          return Optional.empty();
        }
        throw new EOFException("the stream ends in a head");
      }
      bytes.write(next);
      boolean expected = next == (seen % 2 == 0 ? '\r' : '\n');
      int anew = next == '\r' ? 1 : 0;
      seen = expected ? seen + 1 : anew;
      if (bytes.size() > MOST_BYTES) {
        throw new ProtocolException("a head has more than " + MOST_BYTES + " bytes");
      }
    }
    return Optional.of(parse(bytes.toByteArray()));
  }

  private static HttpHead parse(byte[] raw) throws ProtocolException {
    String[] lines = new String(raw, ISO_8859_1).split("\r\n", -1);
    List<String> firstLine = List.of(lines[0].split(" ", 3));
    if (firstLine.size() < 2) {
      throw new ProtocolException("no HTTP: " + lines[0]);
    }
    Map<String, String> headers = new HashMap<>();
    // Two line ends are last: behind each is an empty string.
    for (int i = 1; i < lines.length - 2; i++) {
      int colon = lines[i].indexOf(':');
      if (colon < 1) {
        throw new ProtocolException("no header: " + lines[i]);
      }
      String name = lines[i].substring(0, colon).toLowerCase(Locale.ROOT);
      headers.merge(
          name, lines[i].substring(colon + 1).strip(), (one, other) -> one + ", " + other);
    }
    return new HttpHead(raw, firstLine, headers);
  }

  byte[] raw() {
    return raw;
  }

  /// Of a request.
  String method() {
    return firstLine.get(0);
  }

  /// Of a request: path and query.
  String target() {
    return firstLine.get(1);
  }

  /// Of an answer.
  int status() throws ProtocolException {
    try {
      return Integer.parseInt(firstLine.get(1));
    } catch (NumberFormatException e) {
      throw new ProtocolException("no status: " + firstLine);
    }
  }

  /// By their names in small letters.
  Map<String, String> headers() {
    return headers;
  }

  /// Whether the client waits for `100 Continue` before it sends the body.
  boolean expectsContinue() {
    return headers.getOrDefault("expect", "").equalsIgnoreCase("100-continue");
  }

  /// Whether the connection can be used again after this, as far as this side says.
  boolean keepsAlive() {
    String version = method().startsWith("HTTP/") ? method() : firstLine.getLast();
    return version.equals("HTTP/1.1")
        && !headers.getOrDefault("connection", "").toLowerCase(Locale.ROOT).contains("close");
  }

  /// How long a request's body is.
  BodyLength requestBody() throws ProtocolException {
    return declared().orElse(new BodyLength.Fixed(0));
  }

  /// How long the body of an answer to a method is.
  BodyLength answerBody(String method) throws ProtocolException {
    int status = status();
    if (method.equals("HEAD") || status < 200 || status == 204 || status == 304) {
      return new BodyLength.Fixed(0);
    }
    return declared().orElse(new BodyLength.ToEnd());
  }

  private Optional<BodyLength> declared() throws ProtocolException {
    if (headers
        .getOrDefault("transfer-encoding", "")
        .toLowerCase(Locale.ROOT)
        .endsWith("chunked")) {
      return Optional.of(new BodyLength.Chunked());
    }
    String length = headers.get("content-length");
    if (length == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(new BodyLength.Fixed(Long.parseLong(length)));
    } catch (NumberFormatException e) {
      throw new ProtocolException("no length: " + length);
    }
  }
}
