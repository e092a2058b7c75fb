package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.Listing;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.bucket.PutResult;
import org.holdfast.bucket.Range;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.log.LogRecord;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;
import org.holdfast.server.shard.AfterCrash;
import org.holdfast.server.state.ShardState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A log whose last segments say that others were cleaned, and are not shown to who does not own
/// it.
class UnshownEndTest {
  private static final int SEGMENT_LENGTH = 6000;

  @TempDir Path folder;

  private final World world = new World();
  private final MemoryBucket bucket = new MemoryBucket();

  /// What is shown: all before the first segment that retires others.
  private final MemoryBucket shown = new MemoryBucket();

  private final List<SegmentId> unshown = new ArrayList<>();
  private SegmentId cleaned = SegmentId.first(0, 1);

  @BeforeEach
  void clean() throws Exception {
    try (Service owner = world.own(bucket, folder.resolve("owner"), SEGMENT_LENGTH)) {
      History history = new History(5, world.clock);
      history.on(owner.shard());
      for (int i = 0; i < 40 && firstRetired().isEmpty(); i++) {
        history.run(40);
        world.clock.sleepMillis(2 * Service.Terms.GRACE_MILLIS);
        owner.shard().freeing().round();
        boolean _ = owner.shard().cleaner().orElseThrow().round();
      }
      owner.shard().awaitDurable();
    }
    cleaned = firstRetired().orElseThrow();
    for (SegmentId id : World.reader(bucket).list(0).keySet()) {
      if (unshown.isEmpty() && retired(id).isEmpty()) {
        show(id);
      } else {
        unshown.add(id);
      }
    }
    assertThat(World.reader(bucket).header(cleaned)).isEmpty();
  }

  private Optional<SegmentId> firstRetired() throws HoldfastException {
    for (SegmentId id : World.reader(bucket).list(0).keySet()) {
      Optional<SegmentId> found = retired(id);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  /// The last one that a segment retires.
  private Optional<SegmentId> retired(SegmentId id) throws HoldfastException {
    SegmentHeader header = World.reader(bucket).header(id).orElseThrow();
    return header.entries().stream()
        .map(each -> each.item())
        .filter(LogRecord.SegmentsRetired.class::isInstance)
        .map(each -> ((LogRecord.SegmentsRetired) each).range(0).last())
        .findFirst();
  }

  private void show(SegmentId id) throws HoldfastException {
    byte[] bytes = bucket.get(id.key(), 0, Bucket.MAX_OBJECT_LENGTH).orElseThrow().bytes();
    shown.putIfAbsent(id.key(), List.of(ByteBuffer.wrap(bytes)));
  }

  private Service standby(Bucket over) throws HoldfastException {
    return Service.standby(
        world.terms(over, SEGMENT_LENGTH),
        folder.resolve("standby"),
        AfterCrash.VERIFY,
        world,
        world.stopped::add);
  }

  @Test
  void standbyThatIsNotShownTheEndNamesItBesideWhatIsMissing() {
    assertThatThrownBy(() -> standby(shown))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("(object " + cleaned.key() + ")")
        .hasMessageContaining("(object " + unshown.getFirst().key() + ")");
  }

  @Test
  void standbyAsksForTheNextSegmentByItsName() throws Exception {
    try (Service standby = standby(new Slow())) {
      assertThat(standby.shard().read(ShardState::holes)).isEmpty();
      assertThat(standby.shard().position().segmentId(0).compareTo(unshown.getFirst()))
          .isNotNegative();
    }
  }

  /// Who owns the log knows where it ends: what is missing is lost.
  @Test
  void ownerNamesWhatIsMissingAlone() {
    assertThatThrownBy(() -> world.own(shown, folder.resolve("other"), SEGMENT_LENGTH))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("(object " + cleaned.key() + ")")
        .hasMessageNotContaining("unless the log goes on");
  }

  /// Lists the rest once the first of it was asked for.
  private final class Slow implements Bucket {
    @Override
    public Optional<Range> get(String key, long offset, int length) {
      try {
        if (key.equals(unshown.getFirst().key())) {
          for (SegmentId id : unshown) {
            show(id);
          }
        }
      } catch (HoldfastException e) {
        throw new AssertionError(e);
      }
      return shown.get(key, offset, length);
    }

    @Override
    public PutResult putIfAbsent(String key, List<ByteBuffer> body) throws RefusedException {
      return shown.putIfAbsent(key, body);
    }

    @Override
    public void delete(String key) {
      shown.delete(key);
    }

    @Override
    public Listing list(String prefix, String startAfter, int limit) {
      return shown.list(prefix, startAfter, limit);
    }
  }
}
