package org.holdfast.server.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.MachineId;
import org.holdfast.core.SystemClock;
import org.holdfast.log.SegmentId;
import org.holdfast.server.state.BlockRow;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a reader finds in an object while all of it is read again.
final class DamagesTest {
  private static final SegmentId SEGMENT = new SegmentId(0, 1, 7);
  private static final SegmentId OTHER = new SegmentId(0, 1, 8);

  private Damages damages;

  /// Copy 5 is known to be damaged.
  @BeforeEach
  void know() throws Exception {
    damages = new Damages(new SystemClock(), 0, Optional.empty());
    find(SEGMENT, 5);
    damages.reading(SEGMENT);
    damages.read(SEGMENT, copies(5));
    assertThat(damages.stopsAll(SEGMENT)).isFalse();
    damages.reading(SEGMENT);
  }

  @Test
  void whatIsFoundMeanwhileIsNotTakenForWhole() {
    find(SEGMENT, 5);
    damages.remove(SEGMENT);
    assertThat(damages.known()).containsOnlyKeys(SEGMENT);
    damages.reading(SEGMENT);
    damages.remove(SEGMENT);
    assertThat(damages.isEmpty()).isTrue();
  }

  @Test
  void whatIsFoundInAnotherObjectDoesNotCount() {
    find(OTHER, 5);
    damages.remove(SEGMENT);
    assertThat(damages.known()).containsOnlyKeys(OTHER);
  }

  @Test
  void moreThanWasReadMeansThatItIsNotKnownWhatIsDamaged() {
    find(SEGMENT, 5);
    find(SEGMENT, 6);
    damages.read(SEGMENT, copies(5));
    assertThat(damages.stopsAll(SEGMENT)).isTrue();
    damages.reading(SEGMENT);
    damages.read(SEGMENT, copies(5, 6));
    assertThat(damages.stopsAll(SEGMENT)).isFalse();
  }

  @Test
  void noMoreThanWasReadChangesNothing() {
    find(SEGMENT, 6);
    damages.read(SEGMENT, copies(5, 6));
    assertThat(damages.stopsAll(SEGMENT)).isFalse();
  }

  @Test
  void aHeaderThatIsFoundDamagedMeanwhileStillIs() {
    damages.add(SEGMENT, Damage.HEADER);
    damages.read(SEGMENT, copies(5));
    assertThat(damages.known()).containsEntry(SEGMENT, Damage.HEADER);
    assertThat(damages.stopsAll(SEGMENT)).isTrue();
  }

  private void find(SegmentId segment, long copy) {
    damages.add(segment, Damage.DATA);
    damages.lost(
        segment, List.of(new BlockRow(copy, 1, 10, 0, 0, segment.epoch(), segment.number(), 0)));
  }

  private static List<DamagedCopies.Copy> copies(long... records) {
    return LongStream.of(records)
        .mapToObj(record ->
            new DamagedCopies.Copy(
                MachineId.of(new byte[MachineId.LENGTH]),
                BlockClass.CHUNK,
                BlockName.of(new byte[BlockName.LENGTH]),
                record))
        .toList();
  }
}
