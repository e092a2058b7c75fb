package org.holdfast.bucket;

import org.holdfast.core.Clock;
import org.holdfast.core.CorruptException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.holdfast.core.UnavailableException.Trouble;

/// Lets no more requests through at once than its [Gate] finds good.
final class GatedBucket extends Layer {
  private final Gate gate;
  private final Clock clock;

  GatedBucket(Bucket inner, Gate gate, Clock clock) {
    super(inner);
    this.gate = gate;
    this.clock = clock;
  }

  @Override
  <T> T around(Request request, Call<T> call)
      throws CorruptException, RefusedException, UnavailableException {
    try {
      gate.enter();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted while it waited for its turn", e);
    }
    long begun = clock.nanos();
    boolean succeeded = false;
    boolean throttled = false;
    try {
      T result = call.run();
      succeeded = true;
      return result;
    } catch (UnavailableException e) {
      throttled = e.trouble() == Trouble.THROTTLED;
      throw e;
    } finally {
      gate.leave(request.bytes(), clock.nanos() - begun, succeeded, throttled);
    }
  }
}
