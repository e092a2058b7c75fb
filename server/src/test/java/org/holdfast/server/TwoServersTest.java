package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.Listing;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.bucket.PutResult;
import org.holdfast.bucket.Range;
import org.junit.jupiter.api.Test;

/// In memory, a thousand times.
class TwoServersTest extends TwoServersContract {
  @Override
  int runs() {
    return 1000;
  }

  @Override
  Ground ground(long seed) {
    return Ground.of(new MemoryBucket());
  }

  @Override
  boolean keepsIndexes() {
    return false;
  }

  /// So that nobody need believe that a contest finds what it is there to find.
  @Test
  void storeThatIgnoresConditionsIsFoundOut() {
    assertThatThrownBy(
            () -> {
              for (int seed = 0; seed < 100; seed++) {
                Ground ground = Ground.of(new Unconditional(new MemoryBucket()));
                new Contest(seed, ground, null, new Pauses()).run();
              }
            })
        .isInstanceOf(Throwable.class);
  }

  /// Takes every put, also of a key that is taken.
  private record Unconditional(MemoryBucket inner) implements Bucket {
    @Override
    public Optional<Range> get(String key, long offset, int length) {
      return inner.get(key, offset, length);
    }

    @Override
    public PutResult putIfAbsent(String key, List<ByteBuffer> body)
        throws org.holdfast.core.RefusedException {
      inner.delete(key);
      return inner.putIfAbsent(key, body);
    }

    @Override
    public void delete(String key) {
      inner.delete(key);
    }

    @Override
    public Listing list(String prefix, String startAfter, int limit) {
      return inner.list(prefix, startAfter, limit);
    }
  }
}
