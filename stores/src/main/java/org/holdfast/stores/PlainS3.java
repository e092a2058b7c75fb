package org.holdfast.stores;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.holdfast.core.Clock;
import org.holdfast.core.SystemClock;

/// Signed requests to a store, one at a time and as they are: no retries, no interpretation.
///
/// For tests to prepare a store and to look at it without the code under test. Threads may share it.
public final class PlainS3 implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final S3Access access;
  private final SigV4 signer;
  private final Clock clock = new SystemClock();
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .build();

  public PlainS3(S3Access access) {
    this.access = access;
    this.signer = new SigV4(access);
  }

  /// Sends one request. The target is path and query, encoded, the query's parameters in the order
  /// of their names: `/bucket/key` or `/bucket?list-type=2&prefix=a`. Header names in small letters.
  public HttpResponse<byte[]> send(
      String method, String target, Map<String, String> headers, byte[] body)
      throws IOException, InterruptedException {
    URI uri = access.endpoint().resolve(target);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(TIMEOUT)
            .method(
                method,
                body.length == 0
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(body));
    Instant now = Instant.ofEpochMilli(clock.wallMillis());
    signer
        .sign(method, uri, new TreeMap<>(headers), body, now)
        .forEach(
            (name, value) -> {
              // The client sets it itself, to the same.
              if (!name.equals("host")) {
                request.header(name, value);
              }
            });
    return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  public HttpResponse<byte[]> get(String target) throws IOException, InterruptedException {
    return send("GET", target, Map.of(), new byte[0]);
  }

  public HttpResponse<byte[]> put(String target, byte[] body)
      throws IOException, InterruptedException {
    return send("PUT", target, Map.of(), body);
  }

  /// A PUT on the condition that there is no such object.
  public HttpResponse<byte[]> putIfAbsent(String target, byte[] body)
      throws IOException, InterruptedException {
    return send("PUT", target, Map.of("if-none-match", "*"), body);
  }

  /// Makes a bucket; one that is there already is fine.
  public void makeBucket(String bucket) throws IOException, InterruptedException {
    HttpResponse<byte[]> answer = put("/" + bucket, new byte[0]);
    if (answer.statusCode() != 200 && answer.statusCode() != 409) {
      throw new IOException("bucket " + bucket + " was not made: " + answer);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
    http.close();
  }
}
