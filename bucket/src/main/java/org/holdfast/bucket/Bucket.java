package org.holdfast.bucket;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.holdfast.core.CorruptException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;

/// A flat set of immutable objects under names that are given once. This doc is the contract that
/// every home keeps, and `BucketContract` tests it.
///
/// - **Whole or absent.** Under a key there is all of one body, or nothing.
/// - **First wins.** Of any number of puts of one key, from any number of processes, at most one
///   creates the object until it is deleted. All others find out.
/// - **An answer is durable.** What a put or a delete reports, and what a listing shows, survives
///   the loss of power. What only a get has shown may be the object of a put that has not returned:
///   whoever builds on it lists it first.
/// - **An answer is current.** A get or a listing that starts after a put or a delete has returned,
///   in whichever process, sees its effect.
/// - **Keys** have 1 to 200 characters of `a-z 0-9 . _ - /`. Between slashes there is at least one
///   character, and the first of them is not a dot. No key may be a folder of another (`a` and
///   `a/b`): a home may refuse the second of them. Keys are made by this program, so one that
///   breaks the rules stops it.
/// - **Order** is that of unsigned bytes.
///
/// Errors: [UnavailableException] is worth a retry, and after a put or a delete it means that the
/// effect is unknown, then or later. [RefusedException] is not worth one (permission, full disk,
/// limit), and nothing took effect. [CorruptException]: what is stored cannot be what was put.
///
/// Safe for use by many threads at once. Every call may block.
public interface Bucket extends AutoCloseable {
  /// The longest body in bytes: four times the longest segment.
  int MAX_OBJECT_LENGTH = 64 << 20;

  /// The most objects in one page of a listing: what S3 gives.
  int MAX_LISTED = 1000;

  /// At most `length` bytes from `offset` on: fewer where the object ends first, none beyond its
  /// end; empty if there is no such object. A length of 0 asks how long the object is.
  Optional<Range> get(String key, long offset, int length)
      throws CorruptException, RefusedException, UnavailableException;

  /// A whole object. One longer than `maxLength` bytes is corrupt: nobody here puts such a thing.
  default Optional<byte[]> getWhole(String key, int maxLength)
      throws CorruptException, RefusedException, UnavailableException {
    Optional<Range> range = get(key, 0, maxLength);
    if (range.isPresent() && range.get().objectLength() > maxLength) {
      throw new CorruptException(
          "object "
              + key
              + " has "
              + range.get().objectLength()
              + " bytes, at most "
              + maxLength
              + " belong there: restore it from a copy of the bucket");
    }
    return range.map(Range::bytes);
  }

  /// Stores the remaining bytes of the buffers, in their order, unless the key is taken. The
  /// buffers' positions stay as they are, so that the same body can be put again; their bytes must
  /// not change until the call returns.
  PutResult putIfAbsent(String key, List<ByteBuffer> body)
      throws RefusedException, UnavailableException;

  /// Removes an object. One that is not there is removed already.
  void delete(String key) throws RefusedException, UnavailableException;

  /// The first objects, at most `limit` (1 to 1000) of them, whose keys begin with `prefix` and
  /// come after `startAfter`. Both may be empty, or end anywhere in a key; no object needs to have
  /// the key `startAfter`. An object put or deleted meanwhile may or may not be there.
  Listing list(String prefix, String startAfter, int limit)
      throws RefusedException, UnavailableException;

  /// Lets go of connections. No call is made from then on.
  @Override
  default void close() {}
}
