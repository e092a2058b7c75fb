package org.holdfast.bucket;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.holdfast.core.CorruptException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;

/// A bucket whose calls are counted from 1, and fail where the test says so.
///
/// Deterministic for a caller that makes its calls in a certain order. Calls may come from several
/// threads; they are numbered as they start, and run at the same time.
public final class FaultyBucket implements Bucket {
  /// How a call fails: always as unavailable.
  public enum Fault {
    /// It does nothing.
    BEFORE,
    /// It takes effect; its answer is lost.
    AFTER,
    /// It does nothing, and nor does any call from then on: the process has died.
    DEATH_BEFORE,
    /// It takes effect; its answer is lost, and no call from then on does anything.
    DEATH_AFTER
  }

  private final Bucket inner;
  private final Map<Long, Fault> faults = new HashMap<>();
  private long calls;
  private long lastCall = Long.MAX_VALUE;

  public FaultyBucket(Bucket inner) {
    this.inner = inner;
  }

  /// Makes the call of that number fail. Numbers that are past have no effect.
  public synchronized FaultyBucket fail(long call, Fault fault) {
    faults.put(call, fault);
    return this;
  }

  /// How many calls have been made, those that failed among them.
  public synchronized long calls() {
    return calls;
  }

  /// Whether the process has died by one of the faults.
  public synchronized boolean isDead() {
    return calls >= lastCall;
  }

  @Override
  public Optional<Range> get(String key, long offset, int length)
      throws CorruptException, RefusedException, UnavailableException {
    Step step = step("get " + key);
    step.before();
    Optional<Range> range = inner.get(key, offset, length);
    step.after();
    return range;
  }

  @Override
  public PutResult putIfAbsent(String key, List<ByteBuffer> body)
      throws RefusedException, UnavailableException {
    Step step = step("put " + key);
    step.before();
    PutResult result = inner.putIfAbsent(key, body);
    step.after();
    return result;
  }

  @Override
  public void delete(String key) throws RefusedException, UnavailableException {
    Step step = step("delete " + key);
    step.before();
    inner.delete(key);
    step.after();
  }

  @Override
  public Listing list(String prefix, String startAfter, int limit)
      throws RefusedException, UnavailableException {
    Step step = step("list " + prefix);
    step.before();
    Listing listing = inner.list(prefix, startAfter, limit);
    step.after();
    return listing;
  }

  private synchronized Step step(String what) {
    calls++;
    Fault fault = faults.get(calls);
    boolean late = calls > lastCall;
    if (fault == Fault.DEATH_BEFORE || fault == Fault.DEATH_AFTER) {
      lastCall = Math.min(lastCall, calls);
    }
    String message = "fault at call " + calls + ": " + what;
    return new Step(
        late || fault == Fault.BEFORE || fault == Fault.DEATH_BEFORE, fault != null, message);
  }

  private record Step(boolean failsBefore, boolean failsAfter, String message) {
    void before() throws UnavailableException {
      if (failsBefore) {
        throw new UnavailableException(message);
      }
    }

    void after() throws UnavailableException {
      if (failsAfter) {
        throw new UnavailableException(message);
      }
    }
  }
}
