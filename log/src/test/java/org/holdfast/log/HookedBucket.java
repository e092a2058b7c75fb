package org.holdfast.log;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.Listing;
import org.holdfast.bucket.PutResult;
import org.holdfast.bucket.Range;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;

/// A bucket where something else happens just before a put or a listing: what another process does
/// meanwhile, without a second thread.
final class HookedBucket implements Bucket {
  private final Bucket inner;
  private final Hook hook;

  HookedBucket(Bucket inner, Hook hook) {
    this.inner = inner;
    this.hook = hook;
  }

  @Override
  public Optional<Range> get(String key, long offset, int length)
      throws CorruptException, RefusedException, UnavailableException {
    return inner.get(key, offset, length);
  }

  @Override
  public PutResult putIfAbsent(String key, List<ByteBuffer> body)
      throws RefusedException, UnavailableException {
    run("put");
    return inner.putIfAbsent(key, body);
  }

  @Override
  public void delete(String key) throws RefusedException, UnavailableException {
    inner.delete(key);
  }

  @Override
  public Listing list(String prefix, String startAfter, int limit)
      throws RefusedException, UnavailableException {
    Listing listing = inner.list(prefix, startAfter, limit);
    run("list");
    return listing;
  }

  private void run(String call) {
    try {
      hook.before(call);
    } catch (HoldfastException e) {
      throw new AssertionError(e);
    }
  }

  interface Hook {
    void before(String call) throws HoldfastException;
  }
}
