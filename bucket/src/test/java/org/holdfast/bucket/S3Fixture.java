package org.holdfast.bucket;

import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.stores.S3Access;

/// Ways to buckets in a store that a test has started.
public final class S3Fixture {
  private static final AtomicInteger PREFIXES = new AtomicInteger();

  private S3Fixture() {}

  /// @param settings as in a config file, by pairs of name and value
  public static Buckets buckets(S3Access access, String... settings) throws Exception {
    Map<String, String> environment =
        Map.of(
            "AWS_ACCESS_KEY_ID", access.accessKey(),
            "AWS_SECRET_ACCESS_KEY", access.secretKey(),
            "AWS_REGION", access.region(),
            "AWS_ENDPOINT_URL", access.endpoint().toString());
    Map<String, String> named = new HashMap<>();
    for (int i = 0; i < settings.length; i += 2) {
      named.put(settings[i], settings[i + 1]);
    }
    return new Buckets(
        new SystemClock(),
        new SecureRandom(),
        Spawner.virtual(),
        S3Settings.read(named, "test", environment));
  }

  /// A place in a bucket that no other test has.
  public static BucketAddress fresh(String bucket) {
    return new BucketAddress.S3(bucket, "test-" + PREFIXES.incrementAndGet() + "/");
  }
}
