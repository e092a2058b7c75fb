package org.holdfast.bucket;

import java.util.Optional;
import org.holdfast.core.CorruptException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.holdfast.core.UnavailableException.Trouble;

/// Counts each request and how it went.
final class MeteredBucket extends Layer {
  private final BucketMeter meter;

  MeteredBucket(Bucket inner, BucketMeter meter) {
    super(inner);
    this.meter = meter;
  }

  @Override
  <T> T around(Request request, Call<T> call)
      throws CorruptException, RefusedException, UnavailableException {
    try {
      T result = call.run();
      meter.succeeded(request, moved(request, result));
      return result;
    } catch (UnavailableException e) {
      meter.failed(request, e.trouble());
      throw e;
    } catch (RefusedException e) {
      meter.failed(request, Trouble.OTHER);
      throw e;
    }
  }

  /// Bytes that went one way or the other.
  private static long moved(Request request, Object result) {
    return switch (result) {
      case Optional<?> found when found.orElse(null) instanceof Range range -> range.bytes().length;
      default -> request.kind() == Kind.PUT ? request.bytes() : 0;
    };
  }
}
