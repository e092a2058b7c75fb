package org.holdfast.sim;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.ListedObject;
import org.holdfast.bucket.Listing;
import org.holdfast.bucket.PutResult;
import org.holdfast.bucket.Range;
import org.jspecify.annotations.Nullable;

/// What is in the bucket. It never fails: what goes wrong happens on the way, see [SimBucket].
final class SimStore {
  private final TreeMap<String, byte[]> objects = new TreeMap<>();
  private final Map<String, byte[]> firsts = new HashMap<>();
  private final Trace trace;
  private final Loop loop;

  SimStore(Loop loop) {
    this.loop = loop;
    this.trace = loop.trace();
  }

  /// How many objects there are.
  int size() {
    return objects.size();
  }

  PutResult put(String key, byte[] body) {
    boolean isNew = objects.putIfAbsent(key, body) == null;
    firsts.putIfAbsent(key, body);
    CRC32C crc = new CRC32C();
    crc.update(body);
    trace.note(
        loop.nowNanos(),
        "bucket",
        "put %s %x %s".formatted(key, crc.getValue(), isNew ? "created" : "exists"));
    return isNew ? PutResult.CREATED : PutResult.EXISTS;
  }

  void delete(String key) {
    objects.remove(key);
    trace.note(loop.nowNanos(), "bucket", "delete " + key);
  }

  Optional<Range> get(String key, long offset, int length) {
    byte[] object = objects.get(key);
    return object == null ? Optional.empty() : Optional.of(range(object, offset, length));
  }

  static Range range(byte[] object, long offset, int length) {
    int from = (int) Math.min(offset, object.length);
    int to = (int) Math.min(offset + length, object.length);
    return new Range(Arrays.copyOfRange(object, from, to), object.length);
  }

  Listing list(String prefix, String startAfter, int limit) {
    List<ListedObject> page = new ArrayList<>();
    String from = startAfter.compareTo(prefix) < 0 ? prefix : startAfter;
    for (Map.Entry<String, byte[]> each : objects.tailMap(from, true).entrySet()) {
      String key = each.getKey();
      if (!key.startsWith(prefix)) {
        break;
      }
      if (key.equals(startAfter)) {
        continue;
      }
      if (page.size() == limit) {
        return new Listing(page, true);
      }
      page.add(new ListedObject(key, each.getValue().length));
    }
    return new Listing(page, false);
  }

  /// An object as it is; null if there is none.
  byte @Nullable [] whole(String key) {
    return objects.get(key);
  }

  /// What was put first under a key, though it may be deleted by now; null if there was nothing.
  byte @Nullable [] first(String key) {
    return firsts.get(key);
  }

  /// The key of some object, if there is one: the `nth`, counted round.
  Optional<String> someKey(int nth) {
    return objects.isEmpty()
        ? Optional.empty()
        : objects.keySet().stream().skip(nth % objects.size()).findFirst();
  }

  /// What is there now, for somebody who looks at it while the world goes on.
  SimStore copy() {
    SimStore copy = new SimStore(loop);
    copy.objects.putAll(objects);
    return copy;
  }

  /// The way to it of one who meets no faults, and waits for nothing.
  Bucket direct() {
    return new Bucket() {
      @Override
      public Optional<Range> get(String key, long offset, int length) {
        return SimStore.this.get(key, offset, length);
      }

      @Override
      public PutResult putIfAbsent(String key, List<ByteBuffer> body) {
        return put(key, SimStore.copy(body));
      }

      @Override
      public void delete(String key) {
        SimStore.this.delete(key);
      }

      @Override
      public Listing list(String prefix, String startAfter, int limit) {
        return SimStore.this.list(prefix, startAfter, limit);
      }
    };
  }

  static byte[] copy(List<ByteBuffer> body) {
    int length = body.stream().mapToInt(ByteBuffer::remaining).sum();
    ByteBuffer copy = ByteBuffer.allocate(length);
    body.forEach(part -> copy.put(part.duplicate()));
    return copy.array();
  }
}
