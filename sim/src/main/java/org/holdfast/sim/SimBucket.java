package org.holdfast.sim;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.Listing;
import org.holdfast.bucket.PutResult;
import org.holdfast.bucket.Range;
import org.holdfast.core.Clock;
import org.holdfast.core.UnavailableException;

/// A process's way to the bucket: slow, forgetful, and now and then late.
///
/// It keeps the contract of [Bucket] and no more: what failed may have taken effect, or take effect
/// later, also after the process is dead.
final class SimBucket implements Bucket {
  private static final long LATE_MILLIS_MAX = 600_000;

  private final SimStore store;
  private final Loop loop;
  private final SimProcess process;
  private final SplittableRandom random;
  private final Faults faults;

  SimBucket(SimStore store, Loop loop, SimProcess process, SplittableRandom random, Faults faults) {
    this.store = store;
    this.loop = loop;
    this.process = process;
    this.random = random;
    this.faults = faults;
  }

  @Override
  public Optional<Range> get(String key, long offset, int length) throws UnavailableException {
    travel();
    if (faults.strike(Rates::lostBefore)) {
      throw lost("get " + key);
    }
    if (faults.strike(Rates::absent)) {
      process.note("is told that there is no " + key);
      return Optional.empty();
    }
    Optional<Range> found = store.get(key, offset, length);
    travel();
    return found.isPresent()
            && found.get().bytes().length > 0
            && faults.strike(Rates::damaged)
        ? Optional.of(damage(key, found.get()))
        : found;
  }

  private Range damage(String key, Range intact) {
    process.note("is given other bytes than those of " + key);
    byte[] bytes = intact.bytes().clone();
    int at = random.nextInt(bytes.length);
    if (random.nextBoolean()) {
      return new Range(Arrays.copyOf(bytes, at), intact.objectLength());
    }
    bytes[at] ^= (byte) (1 << random.nextInt(8));
    return new Range(bytes, intact.objectLength());
  }

  @Override
  public PutResult putIfAbsent(String key, List<ByteBuffer> body) throws UnavailableException {
    travel();
    if (faults.strike(Rates::lostBefore)) {
      throw lost("put " + key);
    }
    byte[] copy = SimStore.copy(body);
    if (faults.strike(Rates::late)) {
      long delayMillis = random.nextLong(LATE_MILLIS_MAX);
      process.note("puts " + key + " with " + delayMillis + " ms delay");
      loop.at(loop.nowNanos() + delayMillis * 1_000_000, () -> store.put(key, copy));
      throw lost("put " + key);
    }
    PutResult result = store.put(key, copy);
    if (faults.strike(Rates::twice)) {
      result = store.put(key, copy);
    }
    if (faults.strike(Rates::lostAfter)) {
      throw lost("put " + key);
    }
    travel();
    return result;
  }

  @Override
  public void delete(String key) throws UnavailableException {
    travel();
    if (faults.strike(Rates::lostBefore)) {
      throw lost("delete " + key);
    }
    store.delete(key);
    if (faults.strike(Rates::lostAfter)) {
      throw lost("delete " + key);
    }
    travel();
  }

  @Override
  public Listing list(String prefix, String startAfter, int limit) throws UnavailableException {
    travel();
    if (faults.strike(Rates::lostBefore)) {
      throw lost("list " + prefix);
    }
    Listing page = store.list(prefix, startAfter, limit);
    travel();
    return page;
  }

  private void travel() throws UnavailableException {
    boolean isSlow = faults.strike(Rates::slow);
    rest(process.clock(), isSlow ? random.nextLong(20_000) : 1 + random.nextLong(100));
  }

  static void rest(Clock clock, long millis) throws UnavailableException {
    try {
      clock.sleepMillis(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted", e);
    }
  }

  private UnavailableException lost(String what) {
    process.note("fails to " + what);
    return new UnavailableException("the store does not answer: " + what);
  }
}
