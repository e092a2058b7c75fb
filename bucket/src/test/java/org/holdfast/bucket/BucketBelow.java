package org.holdfast.bucket;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.holdfast.core.CorruptException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;

/// The objects below a folder of another bucket: a place of its own for each test, in a store that
/// is opened once.
///
/// @param folder ends with a slash
public record BucketBelow(Bucket inner, String folder) implements Bucket {
  @Override
  public Optional<Range> get(String key, long offset, int length)
      throws CorruptException, RefusedException, UnavailableException {
    return inner.get(folder + key, offset, length);
  }

  @Override
  public PutResult putIfAbsent(String key, List<ByteBuffer> body)
      throws RefusedException, UnavailableException {
    return inner.putIfAbsent(folder + key, body);
  }

  @Override
  public void delete(String key) throws RefusedException, UnavailableException {
    inner.delete(folder + key);
  }

  @Override
  public Listing list(String prefix, String startAfter, int limit)
      throws RefusedException, UnavailableException {
    String after = startAfter.isEmpty() ? "" : folder + startAfter;
    Listing listing = inner.list(folder + prefix, after, limit);
    return new Listing(
        listing.objects().stream()
            .map(each -> new ListedObject(each.key().substring(folder.length()), each.length()))
            .toList(),
        listing.more());
  }
}
