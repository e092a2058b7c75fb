package org.holdfast.log;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.PutResult;
import org.holdfast.bucket.Range;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Invariant;
import org.holdfast.core.RefusedException;
import org.holdfast.core.ServiceId;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;

/// Takes a shard's log over, so that nobody else can append to it (`docs/format.md`, "Fencing").
///
/// Safe whatever others do at the same time: the bucket lets one put win, and the loser looks
/// again. No lock service is involved.
public final class Fence {
  /// Somebody else taking over at the same time costs a round; so many in a row mean that several
  /// servers fight for the shard.
  private static final int ROUNDS_MAX = 20;

  private final Bucket bucket;
  private final LogReader reader;
  private final LogKey key;
  private final ServiceId service;
  private final Clock clock;

  /// `patienceMillis` is how long what must be there is asked for again.
  public Fence(
      Bucket bucket,
      LogKey key,
      ServiceId service,
      Clock clock,
      Spawner spawner,
      long patienceMillis) {
    Invariant.check(key.isKnown(), "who takes a log over knows its key");
    this.bucket = bucket;
    this.reader = new LogReader(bucket, key, service, spawner, clock, patienceMillis);
    this.key = key;
    this.service = service;
    this.clock = clock;
  }

  /// Seals whatever is open and answers the epoch that the caller owns from here on, which nobody
  /// has written to. `owner` draws 16 random bytes; each seal has its own, so that an own seal
  /// whose answer was lost is known by its content.
  ///
  /// `seen` is a segment that the caller knows to be durable, if any. Where the log ends before it,
  /// the bucket has lost objects: refused, before a seal can take a lost object's place.
  public Taken take(int shard, Optional<SegmentId> seen, Supplier<Bytes> owner)
      throws HoldfastException {
    for (int round = 0; round < ROUNDS_MAX; round++) {
      LogChain chain = LogChain.of(reader, shard, seen);
      // An empty log is sealed too: two takers of it must not both write epoch 1, where segments of
      // one and of the other could end up side by side.
      int last = Math.max(chain.lastEpoch(), 1);
      LogChain.End end = chain.end(shard, last);
      SegmentId gap = end.seal().isPresent() ? SegmentId.first(shard, last + 1) : end.position();
      if (seal(gap, owner.get())) {
        Optional<SegmentId> before = chain.before(gap);
        LogChain sealed = LogChain.of(reader, shard, before);
        // Where the put took long, the owner may have been there before, and have cleaned since.
        if (sealed.end(shard, gap.epoch()).position().equals(gap)) {
          return new Taken(gap.epoch() + 1, before, sealed);
        }
      }
    }
    throw new UnavailableException(
        "other servers keep taking shard " + shard + " over: stop all but one of them");
  }

  /// An epoch that the caller owns.
  ///
  /// @param last the segment before it that was acknowledged last, if any: a listing that does not
  ///   reach it is not all of the log
  /// @param chain the log as it was listed then
  public record Taken(int epoch, Optional<SegmentId> last, LogChain chain) {}

  private boolean seal(SegmentId gap, Bytes sealedBy)
      throws CorruptException, RefusedException, UnavailableException {
    List<ByteBuffer> body =
        SegmentBuilder.seal(service, gap, sealedBy, clock.wallMillis(), key).body();
    return bucket.putIfAbsent(gap.key(), body) == PutResult.CREATED || holds(bucket, gap, body);
  }

  /// Whether the object that was there first is this very one: a put whose answer was lost. If not,
  /// it is a segment of another owner. Unavailable while the bucket, which has just said that it is
  /// there, does not show it, or shows what is neither: nobody knows whose it is then.
  public static boolean holds(Bucket bucket, SegmentId id, List<ByteBuffer> body)
      throws CorruptException, RefusedException, UnavailableException {
    int length = body.stream().mapToInt(ByteBuffer::remaining).sum();
    Invariant.check(length <= Bucket.MAX_OBJECT_LENGTH, "a segment fits in an object");
    Range there = shown(bucket, id, length);
    if (there.objectLength() == length && isSame(there.bytes(), body)) {
      return true;
    }
    byte[] other = header(bucket, id, shown(bucket, id, LogReader.FIRST_READ_LENGTH).bytes());
    // With a header of its own it cannot be this one, damaged. Its checksum does not cover the
    // HMAC.
    if (!Segment.isIntact(other, id) || hasSameContent(other, body.getFirst())) {
      throw new UnavailableException(
          "the bucket shows "
              + id
              + " (object "
              + id.key()
              + ") damaged: nobody knows whose it is");
    }
    return false;
  }

  /// Whether headers are the same but for their HMACs: under one key they would not differ either.
  private static boolean hasSameContent(byte[] one, ByteBuffer other) {
    int length = one.length - Segment.HMAC_LENGTH;
    return other.remaining() == one.length
        && ByteBuffer.wrap(one, 0, length).equals(other.slice(other.position(), length));
  }

  private static Range shown(Bucket bucket, SegmentId id, int length)
      throws CorruptException, RefusedException, UnavailableException {
    return bucket
        .get(id.key(), 0, length)
        .orElseThrow(() ->
            new UnavailableException(
                "the bucket does not show "
                    + id
                    + " (object "
                    + id.key()
                    + "), which it says is there"));
  }

  private static boolean isSame(byte[] there, List<ByteBuffer> body) {
    ByteBuffer found = ByteBuffer.wrap(there);
    for (ByteBuffer part : body) {
      if (part.remaining() > found.remaining()
          || !part.equals(found.slice(found.position(), part.remaining()))) {
        return false;
      }
      found.position(found.position() + part.remaining());
    }
    return true;
  }

  /// The header of the object that begins with these bytes; empty if there is none.
  private static byte[] header(Bucket bucket, SegmentId id, byte[] start)
      throws CorruptException, RefusedException, UnavailableException {
    int length;
    try {
      length = Segment.headerLength(start);
    } catch (CorruptException _) {
      return new byte[0];
    }
    byte[] bytes = length <= start.length ? start : shown(bucket, id, length).bytes();
    return Arrays.copyOf(bytes, Math.min(length, bytes.length));
  }
}
