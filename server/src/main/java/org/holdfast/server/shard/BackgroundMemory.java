package org.holdfast.server.shard;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Invariant;
import org.holdfast.core.UnavailableException;
import org.holdfast.protocol.Share;

/// The memory of all background work: one budget, of which each job may hold a part.
///
/// - What a job holds is counted to the job, not to its run: one that begins again while an earlier
///   run still holds something waits for that, and has no more than before.
/// - A lease is given back once, by [Lease#close], whatever becomes of the work.
/// - Who ends a run asks [#checkReturned], which finds a leak at once.
///
/// Any thread.
public final class BackgroundMemory {
  /// What all jobs hold together at most, in bytes.
  public static final long BYTES = 64 << 20;

  /// What one job holds at most, in bytes: a segment as it was read, and what is made of it.
  public static final long JOB_BYTES = 40 << 20;

  private final Share all = new Share(BYTES);
  private final Map<BackgroundJob, Share> jobs = new EnumMap<>(BackgroundJob.class);

  BackgroundMemory() {
    for (BackgroundJob job : BackgroundJob.values()) {
      jobs.put(job, all.part(JOB_BYTES));
    }
  }

  /// Waits until the job may have that much, at most [#JOB_BYTES]; `givesUp` is asked after each
  /// [#wake].
  public Lease lease(BackgroundJob job, long bytes, BooleanSupplier givesUp)
      throws HoldfastException {
    Share share = share(job);
    if (!share.take(bytes, givesUp)) {
      throw new UnavailableException(job + " has ended while it waited for memory");
    }
    return new Lease(share, bytes);
  }

  /// Has those who wait ask again whether to give up.
  void wake() {
    jobs.values().forEach(Share::wake);
  }

  /// Of a job that has ended: everything has been given back.
  public void checkReturned(BackgroundJob job) {
    Invariant.check(share(job).isUnused(), job + " gives back all of its memory");
  }

  /// What the job holds at the moment, in bytes.
  public long heldBytes(BackgroundJob job) {
    return JOB_BYTES - share(job).availableBytes();
  }

  /// What all jobs hold, in bytes.
  public long heldBytes() {
    return BYTES - all.availableBytes();
  }

  private Share share(BackgroundJob job) {
    return Objects.requireNonNull(jobs.get(job), "every job has one");
  }

  /// Memory that a job may use until it closes this.
  public static final class Lease implements AutoCloseable {
    private final Share share;
    private final long bytes;
    private final AtomicBoolean over = new AtomicBoolean();

    private Lease(Share share, long bytes) {
      this.share = share;
      this.bytes = bytes;
    }

    @Override
    public void close() {
      Invariant.check(over.compareAndSet(false, true), "a lease is given back once");
      share.give(bytes);
    }
  }
}
