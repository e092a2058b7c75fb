package org.holdfast.log;

import java.util.List;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.MemoryBucket;

class FenceTest extends FenceContract {
  @Override
  protected List<Bucket> ways() {
    return List.of(new MemoryBucket());
  }

  @Override
  protected int histories() {
    return 1000;
  }
}
