package org.holdfast.client.restore;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.archive.Extent;
import org.holdfast.client.tree.Shortfall;
import org.jspecify.annotations.Nullable;

/// Counts what a restore does. Any thread.
final class Tally {
  private final RestoreProgress progress;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Shortfall, Long> shortfalls = new EnumMap<>(Shortfall.class);
  private final List<FailedEntry> failed = new ArrayList<>();

  /// Folders that could not be made, of those in `failed`, and how many entries failed below.
  private final Map<ArchivePath, Long> closed = new HashMap<>();

  private long files;
  private long folders;
  private long others;
  private long bytes;
  private long kept;
  private long failedCount;

  Tally(RestoreProgress progress) {
    this.progress = progress;
  }

  void addFile(long size) {
    count(() -> {
      files++;
      bytes = RestoreProgress.sum(bytes, size);
    });
  }

  void addKept(long size) {
    progress.addBytes(size);
    count(() -> {
      files++;
      kept++;
      bytes = RestoreProgress.sum(bytes, size);
    });
  }

  /// An entry of which nothing is to be done.
  void addPassed() {
    progress.addEntries(1);
  }

  /// An entry that is not wanted, of a page of which others are.
  void addOutside(Entry entry) {
    progress.expectLess(1, entry instanceof Entry.RegularFile part ? bytes(part) : 0);
  }

  private static long bytes(Entry.RegularFile part) {
    return part.extents().stream().mapToLong(Extent::length).reduce(0, RestoreProgress::sum);
  }

  void addFolder() {
    count(() -> folders++);
  }

  void addOther() {
    count(() -> others++);
  }

  /// Progress inside a file.
  void addBytes(long more) {
    progress.addBytes(more);
  }

  void addShortfalls(Set<Shortfall> found) {
    if (found.isEmpty()) {
      return;
    }
    lock.lock();
    try {
      found.forEach(each -> shortfalls.merge(each, 1L, Long::sum));
    } finally {
      lock.unlock();
    }
  }

  void fail(ArchivePath path, String reason) {
    fail(path, reason, 1);
  }

  /// A folder that could not be made: what fails below it is counted, and not told.
  void failFolder(ArchivePath path, String reason) {
    lock.lock();
    try {
      fail(path, reason);
      if (!failed.isEmpty() && failed.getLast().path().equals(path)) {
        closed.put(path, 0L);
      }
    } finally {
      lock.unlock();
    }
  }

  /// Entries from a path on that were not restored.
  void fail(ArchivePath path, String reason, long entries) {
    progress.addEntries(entries);
    lock.lock();
    try {
      failedCount += entries;
      ArchivePath folder = closedAbove(path);
      if (folder != null) {
        closed.merge(folder, entries, Long::sum);
      } else if (failed.size() < RestoreSummary.FAILED_MAX) {
        failed.add(new FailedEntry(path, reason, entries));
      }
    } finally {
      lock.unlock();
    }
  }

  private @Nullable ArchivePath closedAbove(ArchivePath path) {
    if (closed.isEmpty()) {
      return null;
    }
    for (ArchivePath at = path; !at.isRoot(); ) {
      at = at.parent();
      if (closed.containsKey(at)) {
        return at;
      }
    }
    return null;
  }

  private FailedEntry withBelow(FailedEntry entry) {
    long below = closed.getOrDefault(entry.path(), 0L);
    return below == 0
        ? entry
        : new FailedEntry(
            entry.path(),
            entry.reason() + " (nor were " + below + " entries below it)",
            entry.entries() + below);
  }

  RestoreSummary summary(long millis) {
    lock.lock();
    try {
      List<FailedEntry> sorted =
          failed.stream()
              .sorted((a, b) -> a.path().compareTo(b.path()))
              .map(this::withBelow)
              .toList();
      return new RestoreSummary(
          files, folders, others, bytes, kept, shortfalls, sorted, failedCount, millis);
    } finally {
      lock.unlock();
    }
  }

  private void count(Runnable change) {
    progress.addEntries(1);
    lock.lock();
    try {
      change.run();
    } finally {
      lock.unlock();
    }
  }
}
