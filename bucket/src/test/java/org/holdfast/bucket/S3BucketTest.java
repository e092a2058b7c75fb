package org.holdfast.bucket;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.holdfast.core.UnavailableException;
import org.junit.jupiter.api.Test;

/// Answers that no store should give.
final class S3BucketTest {
  private final S3Bucket bucket =
      new S3Bucket(
          new StubClient(),
          new BucketAddress.S3("holdfast", ""),
          S3Settings.of(Map.of()),
          new TestClock());

  @Test
  void anEmptyPageThatIsNotTheLastIsUnavailable() {
    assertThatThrownBy(() -> bucket.list("", "", 10))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("says that there is more");
  }

  @Test
  void anObjectOfNegativeLengthIsUnavailable() {
    assertThatThrownBy(() -> bucket.get("key", 0, 10)).isInstanceOf(UnavailableException.class);
  }
}
