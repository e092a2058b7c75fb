package org.holdfast.server.shard;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogReader;
import org.holdfast.log.SegmentId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds out that another server has taken the log over while this one had nothing to write.
///
/// A put would tell, but an owner that was asleep, and is only read from since, puts nothing, and
/// shows what is old. Who takes a log over puts a seal where the owner's next segment would be: one
/// request shows it. It is made when somebody asks and nothing has become durable for
/// [#PAUSE_MILLIS], and keeps nobody waiting; a server that nobody asks shows nothing wrong.
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
      spawner.spawn("fence", this::look);
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
    if (isReplaced) {
      throw new UnavailableException(
          "another server has taken this log over, and may have moved what is asked for: ask that"
              + " one",
          10_000);
    }
  }

  private void look() {
    try {
      long nanos = clock.nanos();
      Optional<SegmentId> next = owner.next();
      if (next.isPresent() && reader.header(next.get()).isPresent() && owner.met(next.get())) {
        isReplaced = true;
      }
      sureNanos.set(nanos);
    } catch (HoldfastException e) {
      LOG.debug("whether another server owns the log cannot be seen now: {}", e.getMessage());
    } finally {
      looking.set(false);
    }
  }

  /// Whose log it is.
  interface Owner {
    /// The segment that nothing has been put as yet; empty if one is on its way, which will tell.
    Optional<SegmentId> next() throws HoldfastException;

    /// Under that key there was something. Unless the owner has put it itself meanwhile, it is
    /// another's: answers whether it is.
    boolean met(SegmentId id) throws HoldfastException;
  }
}
