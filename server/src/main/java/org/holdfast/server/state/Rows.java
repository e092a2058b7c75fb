package org.holdfast.server.state;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.holdfast.core.Bytes;
import org.holdfast.core.Invariant;
import org.holdfast.log.SegmentId;
import org.holdfast.log.StateDigest;
import org.holdfast.server.index.Batch;
import org.holdfast.server.index.Index;

/// The rows of a state that runs ahead of its index.
///
/// A row changes in memory when its record is appended, and in the index when the record's segment
/// is durable: the index never holds what the bucket does not. The changes of one segment are a
/// *generation*.
///
/// The digest is brought up to date lazily: a row that changes many times is hashed twice for each
/// [#digest], not for each change.
///
/// Not thread-safe: the shard's owner calls every method.
final class Rows {
  private static final Optional<byte[]> ABSENT = Optional.empty();

  private final Index index;
  private final RowDigest hash = new RowDigest();
  private final Map<Bytes, Pending> pending = new HashMap<>();
  private final Deque<Generation> generations = new ArrayDeque<>();
  private final Map<Bytes, Optional<byte[]>> digested = new HashMap<>();
  private Map<Bytes, Optional<byte[]>> open = new LinkedHashMap<>();
  private long openGeneration = 1;
  private StateDigest digest;

  Rows(Index index, StateDigest digest) {
    this.index = index;
    this.digest = digest;
  }

  Optional<byte[]> get(Bytes key) {
    Pending recent = pending.get(key);
    if (recent != null) {
      return recent.value;
    }
    return Optional.ofNullable(index.get(key.toArray()));
  }

  void put(Bytes key, byte[] value) {
    change(key, Optional.of(value));
  }

  void delete(Bytes key) {
    change(key, ABSENT);
  }

  /// Whether the row has changes that are not durable.
  boolean isPending(Bytes key) {
    return pending.containsKey(key);
  }

  /// The rows whose key begins with `prefix`, changes that are not durable included.
  SortedMap<Bytes, byte[]> withPrefix(Bytes prefix) {
    SortedMap<Bytes, byte[]> found = new TreeMap<>();
    byte[] start = prefix.toArray();
    index.scan(start, (key, value) -> found.put(Bytes.wrap(key), value));
    pending.forEach((key, change) -> {
      if (startsWith(key, prefix)) {
        change.value.ifPresentOrElse(value -> found.put(key, value), () -> found.remove(key));
      }
    });
    return found;
  }

  StateDigest digest() {
    digested.forEach((key, before) -> {
      byte[] bytes = key.toArray();
      digest = before.map(value -> digest.minus(hash.of(bytes, value))).orElse(digest);
      digest = get(key).map(value -> digest.plus(hash.of(bytes, value))).orElse(digest);
    });
    digested.clear();
    return digest;
  }

  /// The open segment is complete; what follows belongs to the next.
  void endGeneration(SegmentId segment) {
    generations.addLast(new Generation(segment, openGeneration, open));
    open = new LinkedHashMap<>();
    openGeneration++;
  }

  /// The oldest generation is in the bucket, so it may be in the index.
  void durable(SegmentId segment) {
    Generation oldest = generations.removeFirst();
    Invariant.check(oldest.segment.equals(segment), "segments become durable in order");
    Batch batch = new Batch();
    oldest.changes.forEach((key, change) ->
        change.ifPresentOrElse(
            value -> batch.put(key.toArray(), value), () -> batch.delete(key.toArray())));
    index.write(batch);
    for (Bytes key : oldest.changes.keySet()) {
      Pending latest = pending.get(key);
      if (latest != null && latest.generation == oldest.number) {
        pending.remove(key);
      }
    }
  }

  /// Drops every change that is not in the index, and answers the index's position.
  Position forgetPending() {
    pending.clear();
    generations.clear();
    digested.clear();
    open = new LinkedHashMap<>();
    Position position = ShardState.position(index);
    digest = position.digest();
    return position;
  }

  private void change(Bytes key, Optional<byte[]> value) {
    if (!digested.containsKey(key)) {
      digested.put(key, get(key));
    }
    open.put(key, value);
    pending.put(key, new Pending(value, openGeneration));
  }

  private static boolean startsWith(Bytes key, Bytes prefix) {
    if (key.length() < prefix.length()) {
      return false;
    }
    for (int i = 0; i < prefix.length(); i++) {
      if (key.at(i) != prefix.at(i)) {
        return false;
      }
    }
    return true;
  }

  private record Pending(Optional<byte[]> value, long generation) {}

  private record Generation(SegmentId segment, long number, Map<Bytes, Optional<byte[]>> changes) {}
}
