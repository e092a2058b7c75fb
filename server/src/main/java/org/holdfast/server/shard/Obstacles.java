package org.holdfast.server.shard;

import java.util.Optional;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.jspecify.annotations.Nullable;

/// What is in the way of writing, or of background work, while the log goes on.
///
/// Any thread.
final class Obstacles {
  /// When a client may come back that found the disk full: a person has to make room.
  private static final int DISK_RETRY_MILLIS = 60_000;

  private final Damages damages;
  private volatile @Nullable DiskWatch disk;
  private volatile @Nullable String held;

  Obstacles(Damages damages) {
    this.damages = damages;
  }

  /// From here on a disk that is nearly full is one.
  void watch(DiskWatch watching) {
    disk = watching;
  }

  /// From here on this is one.
  void hold(String why) {
    held = why;
  }

  Optional<HoldfastException> toWrites() {
    Optional<String> why = Optional.ofNullable(held).or(damages::obstacle);
    if (why.isPresent()) {
      return why.map(RefusedException::new);
    }
    return Optional.ofNullable(disk)
        .flatMap(DiskWatch::obstacle)
        .map(full -> new UnavailableException(full, DISK_RETRY_MILLIS));
  }

  Optional<String> toBackground() {
    return Optional.ofNullable(disk).flatMap(DiskWatch::backgroundObstacle);
  }

  /// How the state folder's disk is; empty if nobody watches it.
  Optional<DiskWatch.Report> disk() {
    return Optional.ofNullable(disk).map(DiskWatch::report);
  }

  /// Watches no disk any more.
  void stop() {
    DiskWatch watching = disk;
    if (watching != null) {
      watching.stop();
    }
  }
}
