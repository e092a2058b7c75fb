package org.holdfast.server;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.Listing;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.bucket.PutResult;
import org.holdfast.bucket.Range;
import org.holdfast.core.RefusedException;

/// Keeps what is deleted, to bring it back.
final class Graveyard implements Bucket {
  private final MemoryBucket bucket = new MemoryBucket();
  private final Map<String, byte[]> dead = new TreeMap<>();

  @Override
  public Optional<Range> get(String key, long offset, int length) {
    return bucket.get(key, offset, length);
  }

  @Override
  public PutResult putIfAbsent(String key, List<ByteBuffer> body) throws RefusedException {
    return bucket.putIfAbsent(key, body);
  }

  @Override
  public Listing list(String prefix, String startAfter, int limit) {
    return bucket.list(prefix, startAfter, limit);
  }

  @Override
  public synchronized void delete(String key) {
    bucket.get(key, 0, Bucket.MAX_OBJECT_LENGTH).ifPresent(object -> dead.put(key, object.bytes()));
    bucket.delete(key);
  }

  synchronized void bringBack(Random random) throws RefusedException {
    for (Map.Entry<String, byte[]> each : dead.entrySet()) {
      if (random.nextInt(3) == 0) {
        bucket.putIfAbsent(each.getKey(), List.of(ByteBuffer.wrap(each.getValue())));
      }
    }
  }

  synchronized void bringBack(String key) throws RefusedException {
    bucket.putIfAbsent(key, List.of(ByteBuffer.wrap(dead.get(key))));
  }

  synchronized boolean isSwept() {
    return dead.keySet().stream().allMatch(key -> bucket.get(key, 0, 0).isEmpty());
  }
}
