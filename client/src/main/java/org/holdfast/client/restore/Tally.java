package org.holdfast.client.restore;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.tree.Shortfall;

/// Counts what a restore does. Any thread.
final class Tally {
  private final RestoreProgress progress;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Shortfall, Long> shortfalls = new EnumMap<>(Shortfall.class);
  private final List<FailedEntry> failed = new ArrayList<>();
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

  /// Entries from a path on that were not restored.
  void fail(ArchivePath path, String reason, long entries) {
    progress.addEntries(entries);
    lock.lock();
    try {
      failedCount += entries;
      if (failed.size() < RestoreSummary.FAILED_MAX) {
        failed.add(new FailedEntry(path, reason));
      }
    } finally {
      lock.unlock();
    }
  }

  RestoreSummary summary(long millis) {
    lock.lock();
    try {
      List<FailedEntry> sorted =
          failed.stream().sorted((a, b) -> a.path().compareTo(b.path())).toList();
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
