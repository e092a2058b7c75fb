package org.holdfast.bucket;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.holdfast.core.Clock;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.holdfast.core.UnavailableException.Trouble;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/// A bucket of an S3 store, or the part of one under a prefix, without retries (`docs/buckets.md`,
/// "S3"). Only an answer is believed: whatever breaks on the way is unavailable.
final class S3Bucket implements Bucket {
  private final S3Client client;
  private final BucketAddress.S3 address;
  private final S3Settings settings;
  private final Clock clock;

  S3Bucket(S3Client client, BucketAddress.S3 address, S3Settings settings, Clock clock) {
    this.client = client;
    this.address = address;
    this.settings = settings;
    this.clock = clock;
  }

  @Override
  public Optional<Range> get(String key, long offset, int length)
      throws RefusedException, UnavailableException {
    KeyRules.checkGet(key, offset, length);
    if (length == 0) {
      return head(key);
    }
    GetObjectRequest request =
        GetObjectRequest.builder()
            .bucket(address.name())
            .key(address.prefix() + key)
            .range("bytes=" + offset + "-" + (offset + length - 1))
            .overrideConfiguration(timeout(0))
            .build();
    long begunNanos = clock.nanos();
    try (ResponseInputStream<GetObjectResponse> answer = client.getObject(request)) {
      return Optional.of(range(key, offset, length, answer, begunNanos));
    } catch (S3Exception e) {
      if (isAbsent(e)) {
        return Optional.empty();
      }
      if (e.statusCode() == 416) {
        return head(key); // The range begins at the end or behind it.
      }
      throw failure(e, "get " + key);
    } catch (SdkException e) {
      throw failure(e, "get " + key);
    } catch (IOException e) {
      throw S3Failure.of(e, address.name(), "get " + key);
    }
  }

  @Override
  public PutResult putIfAbsent(String key, List<ByteBuffer> body)
      throws RefusedException, UnavailableException {
    KeyRules.checkKey(key);
    KeyRules.checkBody(body);
    if (settings.singleWriter()) {
      // Nobody comes between the two, says the operator.
      return head(key).isPresent() ? PutResult.EXISTS : put(key, body, crc(body), false);
    }
    return put(key, body, crc(body), true);
  }

  /// Whether the store takes a body that does not fit the checksum sent with it.
  boolean takesDamagedBody(String key, List<ByteBuffer> body)
      throws RefusedException, UnavailableException {
    try {
      put(key, body, ~crc(body), false);
      return true;
    } catch (RefusedException e) {
      return false;
    } catch (UnavailableException e) {
      if (e.getCause() instanceof S3Exception answer && answer.statusCode() == 400) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public void delete(String key) throws RefusedException, UnavailableException {
    KeyRules.checkKey(key);
    try {
      client.deleteObject(b ->
          b.bucket(address.name()).key(address.prefix() + key).overrideConfiguration(timeout(0)));
    } catch (SdkException e) {
      if (!(e instanceof S3Exception answer) || !isAbsent(answer)) {
        throw failure(e, "delete " + key);
      }
    }
  }

  @Override
  public Listing list(String prefix, String startAfter, int limit)
      throws RefusedException, UnavailableException {
    KeyRules.checkList(prefix, startAfter, limit);
    String after = startAfter;
    while (true) {
      ListObjectsV2Response answer = page(prefix, after, limit);
      List<ListedObject> objects = objects(answer);
      boolean more = Boolean.TRUE.equals(answer.isTruncated());
      if (!objects.isEmpty() || !more) {
        return new Listing(objects, more);
      }
      if (answer.contents().isEmpty()) {
        throw new UnavailableException(
            "s3://" + address.name() + " listed nothing and says that there is more: retry");
      }
      // Nothing but somebody else's objects; the caller goes on from the last of its own.
      after = answer.contents().getLast().key().substring(address.prefix().length());
    }
  }

  @Override
  public void close() {
    client.close();
  }

  @Override
  public String toString() {
    return address.toString();
  }

  private ListObjectsV2Response page(String prefix, String startAfter, int limit)
      throws RefusedException, UnavailableException {
    var request =
        ListObjectsV2Request.builder()
            .bucket(address.name())
            .prefix(address.prefix() + prefix)
            .maxKeys(limit)
            .overrideConfiguration(timeout(0));
    if (!startAfter.isEmpty()) {
      request.startAfter(address.prefix() + startAfter);
    }
    try {
      return client.listObjectsV2(request.build());
    } catch (SdkException e) {
      throw failure(e, "list '" + prefix + "'");
    }
  }

  private PutResult put(String key, List<ByteBuffer> body, int crc, boolean conditional)
      throws RefusedException, UnavailableException {
    long length = KeyRules.checkBody(body);
    PutObjectRequest.Builder request =
        PutObjectRequest.builder()
            .bucket(address.name())
            .key(address.prefix() + key)
            .checksumCRC32C(
                Base64.getEncoder().encodeToString(ByteBuffer.allocate(4).putInt(crc).array()))
            .overrideConfiguration(timeout(length));
    if (conditional) {
      request.ifNoneMatch("*");
    }
    settings.storageClass().ifPresent(request::storageClass);
    try {
      ContentStreamProvider stream = () -> new BodyStream(body);
      client.putObject(
          request.build(),
          RequestBody.fromContentProvider(stream, length, "application/octet-stream"));
      return PutResult.CREATED;
    } catch (S3Exception e) {
      if (conditional && e.statusCode() == 412) {
        return PutResult.EXISTS;
      }
      throw failure(e, "put " + key);
    } catch (SdkException e) {
      throw failure(e, "put " + key);
    }
  }

  private Optional<Range> head(String key) throws RefusedException, UnavailableException {
    try {
      var answer =
          client.headObject(b ->
              b.bucket(address.name())
                  .key(address.prefix() + key)
                  .overrideConfiguration(timeout(0)));
      return Optional.of(new Range(new byte[0], answer.contentLength()));
    } catch (S3Exception e) {
      // The answer to a HEAD has no body, so it cannot say which of the two is not there. A bucket
      // that is missing shows at every other call.
      if (e.statusCode() == 404) {
        return Optional.empty();
      }
      throw failure(e, "look at " + key);
    } catch (SdkException e) {
      throw failure(e, "look at " + key);
    }
  }

  private Range range(
      String key,
      long offset,
      int length,
      ResponseInputStream<GetObjectResponse> answer,
      long begunNanos)
      throws IOException, UnavailableException {
    long objectLength = objectLength(answer.response());
    long wanted = Math.min(length, Math.max(0, objectLength - offset));
    Long told = answer.response().contentLength();
    if (told == null || told != wanted) {
      answer.abort();
      throw new UnavailableException(
          "s3://" + address.name() + " gave another range of " + key + " than asked for: retry");
    }
    byte[] bytes = new byte[(int) wanted];
    int filled = 0;
    while (filled < bytes.length) {
      int read = answer.read(bytes, filled, Math.min(bytes.length - filled, 256 << 10));
      if (read < 0) {
        throw new IOException("it ended after " + filled + " of " + wanted + " bytes");
      }
      filled += read;
      // By what has come, not by what is to come: a long body that is stuck is given up as soon as
      // a short one.
      if (clock.nanos() - begunNanos > allowedMillis(filled) * 1_000_000) {
        answer.abort();
        throw new UnavailableException(
            "cannot get " + key + " in s3://" + address.name() + ": it came too slowly",
            Trouble.TIMED_OUT,
            new IOException(filled + " of " + wanted + " bytes came"));
      }
    }
    return new Range(bytes, objectLength);
  }

  /// `Content-Range: bytes 0-9/1000`; without it the answer is the whole object.
  private static long objectLength(GetObjectResponse answer) throws IOException {
    String range = answer.contentRange();
    if (range == null) {
      throw new IOException("the store ignored the range asked for");
    }
    try {
      long length = Long.parseLong(range, range.lastIndexOf('/') + 1, range.length(), 10);
      if (length >= 0) {
        return length;
      }
    } catch (NumberFormatException _) {
      // Nor is this one a length.
    }
    throw new IOException("no range: " + range);
  }

  /// Keys that break the rules belong to somebody else.
  private List<ListedObject> objects(ListObjectsV2Response answer) {
    List<ListedObject> objects = new ArrayList<>();
    for (S3Object each : answer.contents()) {
      if (each.key().startsWith(address.prefix())) {
        String key = each.key().substring(address.prefix().length());
        if (KeyRules.isKey(key)) {
          objects.add(new ListedObject(key, each.size()));
        }
      }
    }
    return objects;
  }

  private static boolean isAbsent(S3Exception e) {
    return e.statusCode() == 404 && !S3Failure.code(e).equals("NoSuchBucket");
  }

  private RuntimeException failure(SdkException e, String what)
      throws RefusedException, UnavailableException {
    switch (S3Failure.of(e, address.name(), what)) {
      case RefusedException refused -> throw refused;
      case UnavailableException unavailable -> throw unavailable;
      default -> throw new AssertionError("a failure is one of the two", e);
    }
  }

  private AwsRequestOverrideConfiguration timeout(long bodyLength) {
    return AwsRequestOverrideConfiguration.builder()
        .apiCallAttemptTimeout(Duration.ofMillis(allowedMillis(bodyLength)))
        .build();
  }

  private long allowedMillis(long bodyLength) {
    return settings.attemptTimeoutMillis() + bodyLength * 1000 / settings.leastRate();
  }

  private static int crc(List<ByteBuffer> body) {
    CRC32C crc = new CRC32C();
    for (ByteBuffer each : body) {
      crc.update(each.duplicate());
    }
    return (int) crc.getValue();
  }

  /// The buffers as a stream; their positions stay.
  private static final class BodyStream extends InputStream {
    private final List<ByteBuffer> rest;
    private int next;

    BodyStream(List<ByteBuffer> body) {
      this.rest = body.stream().map(ByteBuffer::duplicate).toList();
    }

    @Override
    public int read() {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      if (length == 0) {
        return 0;
      }
      while (next < rest.size() && !rest.get(next).hasRemaining()) {
        next++;
      }
      if (next == rest.size()) {
        return -1;
      }
      int taken = Math.min(length, rest.get(next).remaining());
      rest.get(next).get(target, offset, taken);
      return taken;
    }
  }
}
