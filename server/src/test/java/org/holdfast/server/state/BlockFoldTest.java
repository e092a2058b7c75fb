package org.holdfast.server.state;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.MachineId;
import org.holdfast.log.SegmentId;
import org.junit.jupiter.api.Test;

class BlockFoldTest {
  private static final MachineId MACHINE =
      MachineId.of(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
  private static final BlockName NAME = BlockName.of(new byte[BlockName.LENGTH]);

  private final List<Bytes> newestKeys = new ArrayList<>();
  private final List<Long> newest = new ArrayList<>();
  private final List<Long> older = new ArrayList<>();

  @Test
  void oldPlaceOfACopyThatIsMovedIsDead() {
    BlockFold fold = fold(0);
    fold.stored(10, row(10, 1));
    fold.moved(row(10, 5));
    fold.end();
    BlockSums sums = fold.sums();
    assertThat(sums.dead()).isEqualTo(Map.of(id(1), 100L));
    assertThat(sums.machines()).isEqualTo(Map.of(MACHINE, new BlockSums.Total(1, 100)));
    assertThat(newest).containsExactly(10L);
  }

  @Test
  void copyThatIsMovedFromASegmentThatIsGoneIsThereAgain() {
    BlockFold fold = fold(0);
    fold.moved(row(10, 5));
    fold.stored(20, row(20, 6));
    fold.end();
    BlockSums sums = fold.sums();
    assertThat(sums.dead()).isEmpty();
    assertThat(sums.machines()).isEqualTo(Map.of(MACHINE, new BlockSums.Total(1, 100)));
    assertThat(newest).containsExactly(20L);
    assertThat(older).containsExactly(10L);
  }

  @Test
  void newestCopyThatIsFreedGivesItsPlaceToTheOneBefore() {
    BlockFold fold = fold(0);
    fold.stored(10, row(10, 1));
    fold.stored(20, row(20, 2));
    fold.deleted(20, 15);
    fold.freed(30, 20);
    fold.freed(31, 20);
    fold.end();
    BlockSums sums = fold.sums();
    assertThat(sums.dead()).as("freed once").isEqualTo(Map.of(id(2), 100L));
    assertThat(sums.machines()).isEqualTo(Map.of(MACHINE, new BlockSums.Total(1, 100)));
    assertThat(newest).containsExactly(10L);
    assertThat(older).isEmpty();
  }

  @Test
  void totalsThatARecordHasRestatedAreNotCountedAgain() {
    BlockFold fold = fold(25);
    fold.stored(10, row(10, 1));
    fold.stored(20, row(20, 2));
    fold.freed(30, 10);
    fold.end();
    assertThat(fold.sums().machines()).isEqualTo(Map.of(MACHINE, new BlockSums.Total(-1, -100)));
  }

  @Test
  void blockOfWhichOneRecordSpeaksIsSummedUpLikeAnyOther() {
    BlockRow row = new BlockRow(10, 5, 100, 7, 0, 1, 3, 9);
    BlockName name = BlockName.of("a name of thirty-two bytes here!".getBytes(US_ASCII));
    byte[] bytes = new byte[100];
    name.bytes().copyTo(bytes, 3);
    System.arraycopy(row.encode(), 0, bytes, 40, 24);
    System.arraycopy(row.encode(), 36, bytes, 64, 4);

    BlockFold one = fold(0);
    one.begin(name);
    one.stored(10, row);
    one.end();
    BlockFold other = fold(0);
    other.alone(10, true, bytes, 3, 40, 1, 3);

    assertThat(other.sums()).isEqualTo(one.sums());
    assertThat(newestKeys).hasSize(2);
    assertThat(newestKeys.getFirst()).isEqualTo(newestKeys.getLast());
    assertThat(newest).containsExactly(10L, 10L);
    BlockFold moved = fold(0);
    moved.alone(10, false, bytes, 3, 40, 1, 3);
    assertThat(moved.sums().machines()).as("it was there before").isEmpty();
    assertThat(moved.sums().rows()).isEqualTo(one.sums().rows());
  }

  private BlockFold fold(long restatedAt) {
    BlockFold fold =
        new BlockFold(
            0,
            _ -> restatedAt,
            (key, value) -> {
              newestKeys.add(Bytes.copyOf(key));
              newest.add(BlockRow.decode(value).record());
            },
            (_, value) -> older.add(BlockRow.decode(value).record()));
    fold.enter(MACHINE, BlockClass.CHUNK);
    fold.begin(NAME);
    return fold;
  }

  private static BlockRow row(long record, long segment) {
    return new BlockRow(record, 5, 100, 0, 0, 1, segment, 0);
  }

  private static SegmentId id(long segment) {
    return new SegmentId(0, 1, segment);
  }
}
