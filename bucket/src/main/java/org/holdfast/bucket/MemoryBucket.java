package org.holdfast.bucket;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.holdfast.core.RefusedException;

/// A bucket that dies with its process: for simulation and tests. Durable means: in this object.
///
/// One lock guards everything, and is held only while memory is copied.
public final class MemoryBucket implements Bucket {
  /// Keys are ASCII, so the order of strings is that of their bytes.
  private final TreeMap<String, byte[]> objects = new TreeMap<>();

  @Override
  public synchronized Optional<Range> get(String key, long offset, int length) {
    KeyRules.checkGet(key, offset, length);
    byte[] object = objects.get(key);
    if (object == null) {
      return Optional.empty();
    }
    int from = (int) Math.min(offset, object.length);
    int to = (int) Math.min((long) from + length, object.length);
    return Optional.of(new Range(Arrays.copyOfRange(object, from, to), object.length));
  }

  @Override
  public synchronized PutResult putIfAbsent(String key, List<ByteBuffer> body)
      throws RefusedException {
    KeyRules.checkKey(key);
    ByteBuffer copy = ByteBuffer.allocate(KeyRules.checkBody(body));
    if (objects.containsKey(key)) {
      return PutResult.EXISTS;
    }
    checkFolders(key);
    for (ByteBuffer each : body) {
      copy.put(each.duplicate());
    }
    objects.put(key, copy.array());
    return PutResult.CREATED;
  }

  @Override
  public synchronized void delete(String key) {
    KeyRules.checkKey(key);
    objects.remove(key);
  }

  @Override
  public synchronized Listing list(String prefix, String startAfter, int limit) {
    KeyRules.checkList(prefix, startAfter, limit);
    List<ListedObject> found = new ArrayList<>();
    boolean inside = startAfter.compareTo(prefix) >= 0;
    Map<String, byte[]> rest = objects.tailMap(inside ? startAfter : prefix, !inside);
    for (Map.Entry<String, byte[]> each : rest.entrySet()) {
      if (found.size() > limit || !each.getKey().startsWith(prefix)) {
        break;
      }
      found.add(new ListedObject(each.getKey(), each.getValue().length));
    }
    return Listing.cut(found, limit);
  }

  /// Refuses what a folder on disk could not hold, so that a simulation finds it.
  private void checkFolders(String key) throws RefusedException {
    String next = objects.higherKey(key + "/");
    boolean isFolder = next != null && next.startsWith(key + "/");
    for (int i = key.indexOf('/'); i >= 0 && !isFolder; i = key.indexOf('/', i + 1)) {
      isFolder = objects.containsKey(key.substring(0, i));
    }
    if (isFolder) {
      throw new RefusedException(
          "cannot put " + key + ": of it and another key one is the other's folder");
    }
  }
}
