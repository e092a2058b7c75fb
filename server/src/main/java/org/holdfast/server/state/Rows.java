package org.holdfast.server.state;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.holdfast.core.Bytes;
import org.holdfast.core.Invariant;
import org.holdfast.log.SegmentId;
import org.holdfast.server.index.Batch;
import org.holdfast.server.index.Index;
import org.jspecify.annotations.Nullable;

/// The rows of a state that runs ahead of its index.
///
/// A row changes in memory when its record is appended, and in the index when the record's segment
/// is durable: the index never holds what the bucket does not. The changes of one segment are a
/// *generation*.
///
/// The fingerprint is brought up to date lazily: a row that changes many times is hashed twice for
/// each [#fingerprint], not for each change.
///
/// Not thread-safe: the shard's owner calls every method.
final class Rows {
  /// Rows that are read from the index at a time.
  private static final int PAGE = 1000;

  private final Index index;
  private final RowDigest hash = new RowDigest();
  private final Map<Bytes, Change> pending = new HashMap<>();
  private final NavigableMap<Bytes, Change> listed = new TreeMap<>();
  private final Deque<Generation> generations = new ArrayDeque<>();
  private final List<Change> undigested = new ArrayList<>();
  private List<Change> open = new ArrayList<>();
  private long openGeneration = 1;
  private Fingerprint fingerprint;

  Rows(Index index, Fingerprint fingerprint) {
    this.index = index;
    this.fingerprint = fingerprint;
  }

  Optional<byte[]> get(Bytes key) {
    return Optional.ofNullable(value(key));
  }

  void put(Bytes key, byte[] value) {
    change(key, value, value(key));
  }

  /// As [#put], where the caller has read the row and knows what it holds.
  void replace(Bytes key, Optional<byte[]> before, byte[] value) {
    change(key, value, before.orElse(null));
  }

  void delete(Bytes key) {
    change(key, null, value(key));
  }

  /// Whether the row has changes that are not durable.
  boolean isPending(Bytes key) {
    return pending.containsKey(key);
  }

  /// The rows whose key begins with `prefix`, changes that are not durable included.
  SortedMap<Bytes, byte[]> withPrefix(Bytes prefix) {
    SortedMap<Bytes, byte[]> found = new TreeMap<>();
    index.scan(prefix.toArray(), (key, value) -> found.put(Bytes.wrap(key), value));
    pending.forEach((key, change) -> {
      byte[] value = change.value;
      if (!startsWith(key, prefix)) {
        return;
      }
      if (value == null) {
        found.remove(key);
      } else {
        found.put(key, value);
      }
    });
    return found;
  }

  /// As [#withPrefix], of older copies or deletions: these are found without a look at everything
  /// that is not durable.
  SortedMap<Bytes, byte[]> listed(Bytes prefix) {
    SortedMap<Bytes, byte[]> found = new TreeMap<>();
    byte[] after = prefix.toArray();
    List<Index.Row> page;
    do {
      page = index.page(prefix.toArray(), after, PAGE);
      page.forEach(row -> found.put(Bytes.wrap(row.key()), row.value()));
      after = page.isEmpty() ? after : page.getLast().key();
    } while (page.size() == PAGE);
    pendingListed(prefix)
        .forEach((key, change) -> {
          byte[] value = change.value;
          if (value == null) {
            found.remove(key);
          } else {
            found.put(key, value);
          }
        });
    return found;
  }

  /// Whether there may be a row for [#listed].
  boolean hasListed(Bytes prefix) {
    return isListedPending(prefix) || !index.page(prefix.toArray(), prefix.toArray(), 1).isEmpty();
  }

  /// Whether a row for [#listed] has changes that are not durable.
  boolean isListedPending(Bytes prefix) {
    Bytes first = listed.ceilingKey(prefix);
    return first != null && startsWith(first, prefix);
  }

  private SortedMap<Bytes, Change> pendingListed(Bytes prefix) {
    SortedMap<Bytes, Change> from = listed.tailMap(prefix, true);
    for (Bytes key : from.keySet()) {
      if (!startsWith(key, prefix)) {
        return from.headMap(key);
      }
    }
    return from;
  }

  Fingerprint fingerprint() {
    for (Change change : undigested) {
      if (change.isDigested) {
        continue;
      }
      byte[] key = change.key.toArray();
      byte[] before = change.digestedValue;
      byte[] after = change.value;
      if (before != null) {
        fingerprint = fingerprint.minus(hash.of(key, before));
      }
      if (after != null) {
        fingerprint = fingerprint.plus(hash.of(key, after));
      }
      change.isDigested = true;
      change.digestedValue = null;
    }
    undigested.clear();
    return fingerprint;
  }

  /// The index has got rows that come to this.
  void loaded(Fingerprint sum) {
    fingerprint = fingerprint.plus(sum);
  }

  /// The open segment is complete; what follows belongs to the next.
  void endGeneration(SegmentId segment) {
    generations.addLast(new Generation(segment, open));
    open = new ArrayList<>();
    openGeneration++;
  }

  /// The oldest generations are in the bucket, so they may be in the index.
  void durable(List<SegmentId> segments) {
    List<Change> changes = new ArrayList<>();
    for (SegmentId segment : segments) {
      Generation oldest = generations.removeFirst();
      Invariant.check(oldest.segment.equals(segment), "segments become durable in order");
      changes.addAll(oldest.changes);
    }
    Batch batch = new Batch();
    for (Change change : changes) {
      byte[] value = change.value;
      if (value == null) {
        batch.delete(change.key.toArray());
      } else {
        batch.put(change.key.toArray(), value);
      }
    }
    index.write(batch);
    for (Change change : changes) {
      pending.remove(change.key, change);
      listed.remove(change.key, change);
    }
  }

  /// Drops every change that is not in the index, and answers the index's position.
  Position forgetPending() {
    pending.clear();
    listed.clear();
    generations.clear();
    undigested.clear();
    open = new ArrayList<>();
    Position position = ShardState.position(index);
    fingerprint = position.rows();
    return position;
  }

  private byte @Nullable [] value(Bytes key) {
    Change change = pending.get(key);
    return change == null ? index.get(key.toArray()) : change.value;
  }

  private void change(Bytes key, byte @Nullable [] value, byte @Nullable [] before) {
    Change last = pending.get(key);
    if (last != null && last.generation == openGeneration) {
      if (last.isDigested) {
        last.isDigested = false;
        last.digestedValue = last.value;
        undigested.add(last);
      }
      last.value = value;
      return;
    }
    Change next = new Change(key, openGeneration, before, value);
    if (last != null && !last.isDigested) {
      // Its own generation keeps the value; the digest goes from the one before to the next.
      next.digestedValue = last.digestedValue;
      last.isDigested = true;
      last.digestedValue = null;
    }
    pending.put(key, next);
    if (key.at(0) == 'o' || key.at(0) == 'd') {
      listed.put(key, next);
    }
    open.add(next);
    undigested.add(next);
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

  /// A row's value at the end of one generation, or so far; null if it is deleted. `digestedValue`
  /// is what the digest counts instead, while it does not count the value. Compared by identity.
  private static final class Change {
    final Bytes key;
    final long generation;
    byte @Nullable [] value;
    byte @Nullable [] digestedValue;
    boolean isDigested;

    Change(Bytes key, long generation, byte @Nullable [] digestedValue, byte @Nullable [] value) {
      this.key = key;
      this.generation = generation;
      this.digestedValue = digestedValue;
      this.value = value;
    }
  }

  private record Generation(SegmentId segment, List<Change> changes) {}
}
