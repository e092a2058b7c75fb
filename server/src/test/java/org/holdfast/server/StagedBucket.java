package org.holdfast.server;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.Listing;
import org.holdfast.bucket.PutResult;
import org.holdfast.bucket.Range;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.SegmentId;
import org.jspecify.annotations.Nullable;

/// A server's bucket on a [Stage], for one start and the term that may follow. It tells what each
/// call is for.
final class StagedBucket implements Bucket {
  /// What the server is doing.
  enum Phase {
    FENCING,
    REPLAYING,
    OWNING
  }

  private final Stage stage;
  private final Rival who;
  private final Ground.Way way;
  private final Set<String> met = ConcurrentHashMap.newKeySet();
  private volatile Phase phase = Phase.FENCING;
  private volatile boolean sealed;

  StagedBucket(Stage stage, Rival who) {
    this.stage = stage;
    this.who = who;
    this.way = who.way();
  }

  void enter(Phase next) {
    phase = next;
  }

  @Override
  @SuppressWarnings("unchecked")
  public Optional<Range> get(String key, long offset, int length)
      throws CorruptException, RefusedException, UnavailableException {
    try {
      return (Optional<Range>)
          call(reading(key), key, null, () -> way.bucket().get(key, offset, length));
    } catch (CorruptException | RefusedException | UnavailableException e) {
      throw e;
    } catch (HoldfastException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public PutResult putIfAbsent(String key, List<ByteBuffer> body)
      throws RefusedException, UnavailableException {
    PutResult result =
        (PutResult) unread(putting(key), key, body, () -> way.bucket().putIfAbsent(key, body));
    if (result == PutResult.EXISTS) {
      met.add(key);
    } else if (phase == Phase.FENCING) {
      sealed = true;
    }
    return result;
  }

  @Override
  public void delete(String key) {
    throw new AssertionError("nobody deletes");
  }

  @Override
  public Listing list(String prefix, String startAfter, int limit)
      throws RefusedException, UnavailableException {
    return (Listing)
        unread(listing(), prefix, null, () -> way.bucket().list(prefix, startAfter, limit));
  }

  /// What is listed after the seal is replayed.
  private Step listing() {
    return sealed ? Step.REPLAY_LIST : Step.FENCE_LIST;
  }

  /// Whose put has met something reads it.
  private Step reading(String key) {
    return switch (phase) {
      case FENCING -> met.contains(key) ? Step.SEAL_COMPARE : Step.FENCE_HEADER;
      case REPLAYING -> Step.REPLAY_HEADER;
      case OWNING -> met.contains(key) ? Step.SEGMENT_COMPARE : Step.BLOCKS;
    };
  }

  private Step putting(String key) {
    if (phase == Phase.FENCING) {
      return Step.SEAL;
    }
    return SegmentId.ofKey(key).orElseThrow().number() == 1 ? Step.FIRST_SEGMENT : Step.SEGMENT;
  }

  private Object unread(
      Step step, String key, @Nullable List<ByteBuffer> body, StagedCall.Work work)
      throws RefusedException, UnavailableException {
    try {
      return call(step, key, body, work);
    } catch (RefusedException | UnavailableException e) {
      throw e;
    } catch (HoldfastException e) {
      throw new AssertionError(e);
    }
  }

  private Object call(Step step, String key, @Nullable List<ByteBuffer> body, StagedCall.Work work)
      throws HoldfastException {
    return stage.call(new StagedCall(who, step, key, body, work));
  }
}
