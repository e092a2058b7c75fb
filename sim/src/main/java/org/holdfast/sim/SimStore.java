package org.holdfast.sim;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.ListedObject;
import org.holdfast.bucket.Listing;
import org.holdfast.bucket.PutResult;
import org.holdfast.bucket.Range;
import org.jspecify.annotations.Nullable;

/// What is in the bucket. It never fails: what goes wrong happens on the way, see [SimBucket].
///
/// An object that was deleted may be shown for a while. It is not there all the same: another one
/// can be put in its place.
final class SimStore {
  private final TreeMap<String, byte[]> objects = new TreeMap<>();
  private final Map<String, byte[]> firsts = new HashMap<>();
  private final Map<String, Remains> remains = new HashMap<>();
  private final Trace trace;
  private final Loop loop;
  private Consumer<String> onPut = _ -> {};

  SimStore(Loop loop) {
    this.loop = loop;
    this.trace = loop.trace();
  }

  /// From here on hears the key of each object that was never there before.
  void whenPut(Consumer<String> hears) {
    onPut = hears;
  }

  /// How many objects there are.
  int size() {
    return objects.size();
  }

  PutResult put(String key, byte[] body) {
    boolean isNew = objects.putIfAbsent(key, body) == null;
    boolean isFirst = firsts.putIfAbsent(key, body) == null;
    CRC32C crc = new CRC32C();
    crc.update(body);
    trace.note(
        loop.nowNanos(),
        "bucket",
        "put %s %x %s".formatted(key, crc.getValue(), isNew ? "created" : "exists"));
    if (isFirst) {
      onPut.accept(key);
    }
    return isNew ? PutResult.CREATED : PutResult.EXISTS;
  }

  /// Deletes an object; answers what it was, null if there was none.
  byte @Nullable [] delete(String key) {
    byte[] deleted = objects.remove(key);
    trace.note(loop.nowNanos(), "bucket", "delete " + key);
    return deleted;
  }

  /// An object that was deleted is shown for so long.
  void linger(String key, byte[] deleted, long millis) {
    trace.note(loop.nowNanos(), "bucket", key + " is still shown for " + millis + " ms");
    remains.put(key, new Remains(deleted, loop.nowNanos() + millis * 1_000_000));
  }

  /// An object as it is shown, though it may be deleted; null if there is none.
  byte @Nullable [] shown(String key) {
    byte[] object = objects.get(key);
    Remains left = remains.get(key);
    if (object != null || left == null || loop.nowNanos() >= left.endsNanos) {
      return object;
    }
    return left.body;
  }

  /// Nothing is shown any more that is deleted.
  void forget() {
    remains.clear();
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
    return list(objects, prefix, startAfter, limit);
  }

  /// As [#list], with what is still shown.
  Listing listShown(String prefix, String startAfter, int limit) {
    if (remains.isEmpty()) {
      return list(prefix, startAfter, limit);
    }
    TreeMap<String, byte[]> all = new TreeMap<>(objects);
    for (String key : remains.keySet()) {
      byte[] body = shown(key);
      if (body != null) {
        all.put(key, body);
      }
    }
    return list(all, prefix, startAfter, limit);
  }

  private static Listing list(
      NavigableMap<String, byte[]> objects, String prefix, String startAfter, int limit) {
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

  /// As [#someKey(int)], of those that begin like that.
  Optional<String> someKey(String prefix, int nth) {
    List<String> keys =
        objects.tailMap(prefix, true).keySet().stream()
            .takeWhile(key -> key.startsWith(prefix))
            .toList();
    return keys.isEmpty() ? Optional.empty() : Optional.of(keys.get(nth % keys.size()));
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

  /// What is left to be seen of a deleted object.
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Remains(byte[] body, long endsNanos) {}
}
