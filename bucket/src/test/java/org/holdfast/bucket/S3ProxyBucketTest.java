package org.holdfast.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.holdfast.stores.S3Access;
import org.holdfast.stores.S3ProxyServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class S3ProxyBucketTest extends BucketContract {
  @TempDir private static Path folder;
  private static S3ProxyServer server;

  private Bucket bucket;

  @BeforeAll
  static void start() throws Exception {
    server = S3ProxyServer.start(folder);
    server.makeBucket("holdfast");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void open() throws Exception {
    bucket = S3Fixture.buckets(server.access()).open(S3Fixture.fresh("holdfast"));
  }

  @AfterEach
  void close() {
    bucket.close();
  }

  @Override
  protected Bucket bucket() {
    return bucket;
  }

  /// s3proxy keeps objects in folders, and fails where an object would have to be one.
  @Test
  @Override
  void deletingBelowAnObjectLeavesIt() throws Exception {
    try (Bucket hasty =
        S3Fixture.buckets(server.access(), "s3-retry-time", "0")
            .open(S3Fixture.fresh("holdfast"))) {
      hasty.putIfAbsent("d", body("one"));
      assertThatThrownBy(() -> hasty.delete("d/1")).isInstanceOf(UnavailableException.class);
      assertThat(hasty.getWhole("d", 3)).isPresent();
    }
  }

  @Test
  void anObjectIsWhatWasPutAndNothingAroundIt() throws Exception {
    bucket.putIfAbsent("plain", body("hello"));
    Path objects = server.bucketFolder("holdfast");
    String prefix = bucket.toString().substring("s3://holdfast/".length());
    assertThat(Files.readString(objects.resolve(prefix).resolve("plain"))).isEqualTo("hello");
  }

  @Test
  void whatIsNotOursIsNotListed() throws Exception {
    String prefix = bucket.toString().substring("s3://holdfast/".length());
    Path place = Files.createDirectories(server.bucketFolder("holdfast").resolve(prefix));
    for (int i = 0; i < 15; i++) {
      Files.writeString(place.resolve("README-%02d.TXT".formatted(i)), "somebody else's");
    }
    bucket.putIfAbsent("ours", body("x"));
    assertThat(bucket.list("", "", 10).objects()).containsExactly(new ListedObject("ours", 1));
  }

  @Test
  void theStoreIsFoundToBeGood() throws Exception {
    ProbeReport report = S3Fixture.buckets(server.access()).probe(S3Fixture.fresh("holdfast"));
    assertThat(report.findings())
        .hasSize(7)
        .allMatch(each -> each.verdict() == ProbeReport.Verdict.GOOD);
  }

  @Test
  void whatIsWrongIsToldInOneLineWithoutRetries() throws Exception {
    S3Access right = server.access();
    assertRefused(right, "s3://not-there/x", "NoSuchBucket", "make the bucket");
    assertRefused(
        new S3Access(right.endpoint(), "us-east-1", right.accessKey(), "wrong"),
        "s3://holdfast",
        "check the access key");
    assertRefused(
        new S3Access(right.endpoint(), "us-east-1", "nobody", "x"),
        "s3://holdfast",
        "check the access key");
  }

  @Test
  void aStoreThatIsAwayIsUnavailable() throws Exception {
    S3Access nowhere = server.access().by(java.net.URI.create("http://127.0.0.1:1"));
    try (Bucket away =
        S3Fixture.buckets(nowhere, "s3-retry-time", "200").open(S3Fixture.fresh("holdfast"))) {
      assertThatThrownBy(() -> away.putIfAbsent("k", body("x")))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("cannot put k in s3://holdfast")
          .hasMessageContaining("attempts");
    }
  }

  private static void assertRefused(S3Access access, String address, String... parts)
      throws Exception {
    try (Bucket wrong = S3Fixture.buckets(access).open(BucketAddress.parse(address))) {
      assertThatThrownBy(() -> wrong.putIfAbsent("k", body("x")))
          .isInstanceOf(RefusedException.class)
          .message()
          .contains(parts)
          .doesNotContain("\n");
    }
  }
}
