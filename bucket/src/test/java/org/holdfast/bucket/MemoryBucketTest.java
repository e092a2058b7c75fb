package org.holdfast.bucket;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.holdfast.core.RefusedException;
import org.junit.jupiter.api.Test;

final class MemoryBucketTest extends BucketContract {
  private final Bucket bucket = new MemoryBucket();

  @Override
  protected Bucket bucket() {
    return bucket;
  }

  @Test
  void aKeyThatIsAFolderOfAnotherIsRefused() throws Exception {
    bucket.putIfAbsent("a/b", body("x"));
    assertThatThrownBy(() -> bucket.putIfAbsent("a", body("x")))
        .isInstanceOf(RefusedException.class);
    assertThatThrownBy(() -> bucket.putIfAbsent("a/b/c/d", body("x")))
        .isInstanceOf(RefusedException.class);
  }
}
