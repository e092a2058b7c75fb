package org.holdfast.log;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.Listing;
import org.holdfast.bucket.PutResult;
import org.holdfast.bucket.Range;
import org.holdfast.core.CorruptException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;

/// A bucket behind a retry: the first put's answer is always lost.
record PutTwice(Bucket inner) implements Bucket {
  @Override
  public Optional<Range> get(String key, long offset, int length)
      throws CorruptException, RefusedException, UnavailableException {
    return inner.get(key, offset, length);
  }

  @Override
  public PutResult putIfAbsent(String key, List<ByteBuffer> body)
      throws RefusedException, UnavailableException {
    inner.putIfAbsent(key, body);
    return inner.putIfAbsent(key, body);
  }

  @Override
  public void delete(String key) throws RefusedException, UnavailableException {
    inner.delete(key);
  }

  @Override
  public Listing list(String prefix, String startAfter, int limit)
      throws RefusedException, UnavailableException {
    return inner.list(prefix, startAfter, limit);
  }
}
