package org.holdfast.server;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.Listing;
import org.holdfast.bucket.PutResult;
import org.holdfast.bucket.Range;
import org.holdfast.core.CorruptException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;

/// A store of which the next listings after a put lack what was put, and one object that was there
/// before.
final class LaggingBucket implements Bucket {
  private static final int LISTINGS = 3;

  private final Bucket inner;
  private final Set<String> hidden = new HashSet<>();
  private int listings;

  LaggingBucket(Bucket inner, String hidden) {
    this.inner = inner;
    this.hidden.add(hidden);
  }

  @Override
  public Optional<Range> get(String key, long offset, int length)
      throws CorruptException, RefusedException, UnavailableException {
    return inner.get(key, offset, length);
  }

  @Override
  public synchronized PutResult putIfAbsent(String key, List<ByteBuffer> body)
      throws RefusedException, UnavailableException {
    hidden.add(key);
    listings = LISTINGS;
    return inner.putIfAbsent(key, body);
  }

  @Override
  public void delete(String key) throws RefusedException, UnavailableException {
    inner.delete(key);
  }

  @Override
  public synchronized Listing list(String prefix, String startAfter, int limit)
      throws RefusedException, UnavailableException {
    Listing found = inner.list(prefix, startAfter, limit);
    return listings-- <= 0
        ? found
        : new Listing(
            found.objects().stream().filter(each -> !hidden.contains(each.key())).toList(),
            found.more());
  }

  @Override
  public void close() {}
}
