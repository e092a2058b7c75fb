package org.holdfast.server.shard;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.holdfast.core.Clock;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogReader;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds out that another server has taken the log over while this one had nothing to write.
///
/// A put would tell, but an owner that was asleep, and is only read from since, puts nothing, and
/// shows what is old; and so does one that has stopped writing. Who takes a log over puts a seal
/// where the owner's next segment would be: one request shows it, and one more for each segment
/// that is on its way. They are made when somebody asks and nothing has become durable for
/// [#PAUSE_MILLIS], and keep nobody waiting; a server that nobody asks shows nothing wrong.
///
/// Any thread calls.
final class FenceWatch {
  private static final Logger LOG = LoggerFactory.getLogger(FenceWatch.class);

  /// So long what is shown may be behind another owner's log. One small get for each costs nobody
  /// anything that counts.
  private static final long PAUSE_MILLIS = 30_000;

  private final LogReader reader;
  private final Owner owner;
  private final Clock clock;
  private final Spawner spawner;
  private final AtomicBoolean looking = new AtomicBoolean();
  private final AtomicLong sureNanos;
  private volatile boolean isReplaced;

  FenceWatch(LogReader reader, Owner owner, Clock clock, Spawner spawner) {
    this.reader = reader;
    this.owner = owner;
    this.clock = clock;
    this.spawner = spawner;
    this.sureNanos = new AtomicLong(clock.nanos());
  }

  /// A segment of this owner is in the bucket: nobody had taken the log over before.
  void stored() {
    sureNanos.set(clock.nanos());
  }

  /// Somebody is going to be shown something.
  void asked() {
    boolean isOld = clock.nanos() - sureNanos.get() > PAUSE_MILLIS * 1_000_000;
    if (isOld && looking.compareAndSet(false, true)) {
      spawner.spawn(
          "fence",
          () -> {
            try {
              look();
            } finally {
              looking.set(false);
            }
          });
    }
  }

  /// Another server has taken the log over.
  void replaced() {
    isReplaced = true;
  }

  /// Throws if another server has taken the log over: what is missing here, that one may have
  /// cleaned. Looks, whatever it knows.
  void checkNotReplaced() throws UnavailableException {
    if (!isReplaced) {
      look();
    }
    if (!isReplaced) {
      lookBehindTheSeal();
    }
    if (isReplaced) {
      throw new UnavailableException(
          "another server has taken this log over, and may have moved what is asked for: ask that"
              + " one",
          10_000);
    }
  }

  /// Looks at once.
  void look() {
    try {
      long nanos = clock.nanos();
      boolean isSure = true;
      for (SegmentId each : owner.unstored()) {
        try {
          if (reader.header(each).filter(SegmentHeader::seal).isPresent()) {
            isReplaced = true;
            owner.replacedAt(each);
            return;
          }
        } catch (CorruptException e) {
          isSure = false;
          LOG.debug("what is in the place of {} cannot be told: {}", each, e.getMessage());
        }
      }
      if (isSure) {
        sureNanos.set(nanos);
      }
    } catch (HoldfastException e) {
      LOG.debug("whether another server owns the log cannot be seen now: {}", e.getMessage());
    }
  }

  /// While a store does not show the seal, what the follower has written since may be there.
  private void lookBehindTheSeal() {
    try {
      List<SegmentId> unstored = owner.unstored();
      if (unstored.isEmpty()) {
        return;
      }
      SegmentId place = unstored.getFirst();
      if (reader.header(SegmentId.first(place.shard(), place.epoch() + 1)).isPresent()) {
        isReplaced = true;
        owner.replacedAt(place);
      }
    } catch (HoldfastException e) {
      LOG.debug("whether somebody writes the next epoch cannot be seen now: {}", e.getMessage());
    }
  }

  /// Whose log it is.
  interface Owner {
    /// The segments of which it does not know whether they are in the bucket.
    List<SegmentId> unstored() throws HoldfastException;

    /// In the place of one of them there is another's seal.
    void replacedAt(SegmentId seal);
  }
}
