package org.holdfast.server;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.ListedObject;
import org.holdfast.bucket.Listing;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.bucket.PutResult;
import org.holdfast.bucket.Range;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;

/// A bucket that remembers what of images was put and deleted, and tells before it puts.
final class ImageBucket implements Bucket {
  interface Hook {
    void before(String key) throws Exception;
  }

  final MemoryBucket inner = new MemoryBucket();
  final List<String> puts = new ArrayList<>();
  final List<String> deletes = new ArrayList<>();
  Hook beforePut = _ -> {};

  @Override
  public Optional<Range> get(String key, long offset, int length) {
    return inner.get(key, offset, length);
  }

  @Override
  public PutResult putIfAbsent(String key, List<ByteBuffer> body) throws RefusedException {
    if (key.startsWith("i/")) {
      try {
        beforePut.before(key);
      } catch (Exception e) {
        throw new RefusedException("the hook failed", e);
      }
      puts.add(key);
    }
    return inner.putIfAbsent(key, body);
  }

  @Override
  public void delete(String key) {
    if (key.startsWith("i/")) {
      deletes.add(key);
    }
    inner.delete(key);
  }

  @Override
  public Listing list(String prefix, String startAfter, int limit) {
    return inner.list(prefix, startAfter, limit);
  }

  /// The keys of lists, the newest last.
  static List<String> lists(Bucket bucket) throws HoldfastException {
    return keys(bucket, "i/00000000/l/");
  }

  static List<String> pieces(Bucket bucket) throws HoldfastException {
    return keys(bucket, "i/00000000/f/");
  }

  static List<String> keys(Bucket bucket, String prefix) throws HoldfastException {
    return bucket.list(prefix, "", Bucket.MAX_LISTED).objects().stream()
        .map(ListedObject::key)
        .toList();
  }

  static byte[] bytes(Bucket bucket, String key) throws HoldfastException {
    return bucket.getWhole(key, Bucket.MAX_OBJECT_LENGTH).orElseThrow();
  }

  /// Puts another object in its place.
  static void replace(Bucket bucket, String key, byte[] bytes) throws HoldfastException {
    bucket.delete(key);
    bucket.putIfAbsent(key, List.of(ByteBuffer.wrap(bytes)));
  }

  static MemoryBucket copy(Bucket bucket, String prefix) throws HoldfastException {
    MemoryBucket copy = new MemoryBucket();
    String after = "";
    boolean more = true;
    while (more) {
      Listing page = bucket.list(prefix, after, Bucket.MAX_LISTED);
      for (ListedObject object : page.objects()) {
        copy.putIfAbsent(object.key(), List.of(ByteBuffer.wrap(bytes(bucket, object.key()))));
        after = object.key();
      }
      more = page.more();
    }
    return copy;
  }
}
