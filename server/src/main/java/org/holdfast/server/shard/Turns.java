package org.holdfast.server.shard;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Who waits for something of which there is not enough, and whose turn is next: clients before
/// background work, each in the order in which they came.
///
/// Background work has a floor: while both wait, a [#FLOOR_SHARE]th of the bytes that are taken is
/// its own, so that clients who never leave a gap slow it down and do not end it. What it did not
/// want while it could have had it is not saved up for later.
///
/// Not thread-safe, but [#clientsWait], which any thread may ask.
final class Turns<T> {
  /// A tenth: enough to clean at most as much as is written at ten times the usual load, and no
  /// more than clients would notice.
  static final int FLOOR_SHARE = 10;

  private final Deque<Item<T>> clients = new ArrayDeque<>();
  private final Deque<Item<T>> background = new ArrayDeque<>();

  /// Bytes that clients have taken while background work waited.
  private long passedBytes;

  private volatile boolean clientsWait;

  void addClient(T who, long bytes) {
    clients.addLast(new Item<>(who, bytes));
    clientsWait = true;
  }

  void addBackground(T who, long bytes) {
    background.addLast(new Item<>(who, bytes));
  }

  /// Whose turn it is; the same until [#take] or a change.
  Optional<T> next() {
    Item<T> item = isBackgroundNext() ? background.peekFirst() : clients.peekFirst();
    return item == null ? Optional.empty() : Optional.of(item.who);
  }

  /// Lets the next one go.
  void take() {
    if (isBackgroundNext()) {
      passedBytes = Math.max(0, passedBytes - due(background.removeFirst()));
    } else {
      passedBytes += clients.removeFirst().bytes;
    }
    settle();
  }

  /// Lets go of those of whom this is true, and returns them.
  List<T> remove(Predicate<T> which) {
    List<T> removed = new ArrayList<>();
    for (Deque<Item<T>> each : List.of(clients, background)) {
      each.removeIf(item -> {
        boolean goes = which.test(item.who);
        if (goes) {
          removed.add(item.who);
        }
        return goes;
      });
    }
    settle();
    return removed;
  }

  /// How many clients wait.
  int clients() {
    return clients.size();
  }

  /// How much background work waits.
  int background() {
    return background.size();
  }

  boolean clientsWait() {
    return clientsWait;
  }

  private boolean isBackgroundNext() {
    Item<T> first = background.peekFirst();
    return first != null && (clients.isEmpty() || passedBytes >= due(first));
  }

  /// So much passes before it.
  private long due(Item<T> item) {
    return item.bytes * (FLOOR_SHARE - 1);
  }

  private void settle() {
    if (background.isEmpty()) {
      passedBytes = 0;
    }
    clientsWait = !clients.isEmpty();
  }

  private record Item<T>(T who, long bytes) {}
}
