package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.Listing;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.bucket.PutResult;
import org.holdfast.bucket.Range;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.junit.jupiter.api.Test;

/// In memory, a thousand times.
class TwoServersTest extends TwoServersContract {
  private static final int UNCONDITIONAL_RUNS = 20;

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
    List<String> found = new ArrayList<>();
    for (int seed = 0; seed < UNCONDITIONAL_RUNS; seed++) {
      Ground ground = Ground.of(new Unconditional(new MemoryBucket()));
      try {
        new Contest(seed, ground, null, new Pauses()).run();
      } catch (AssertionError | HoldfastException e) {
        found.add(e.getMessage());
      }
    }
    assertThat(found).hasSizeGreaterThan(UNCONDITIONAL_RUNS / 2);
    assertThat(found).as("acknowledged after a seal").anyMatch(e -> e.contains("and acknowledged"));
  }

  /// Takes every put, also of a key that is taken.
  private record Unconditional(MemoryBucket inner) implements Bucket {
    @Override
    public Optional<Range> get(String key, long offset, int length) {
      return inner.get(key, offset, length);
    }

    @Override
    public PutResult putIfAbsent(String key, List<ByteBuffer> body) throws RefusedException {
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
