package org.holdfast.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.holdfast.core.BlockClass;
import org.holdfast.core.InvariantException;
import org.junit.jupiter.api.Test;

class LogWriterTest {
  private static final int BLOCK_LENGTH = 16 << 20;

  private final List<SegmentId> put = new ArrayList<>();
  private final LogWriter writer =
      new LogWriter(
          Samples.SERVICE,
          Samples.KEY,
          SegmentId.first(0, 1),
          1,
          Samples.CLOCK,
          (id, _) -> put.add(id));

  @Test
  void segmentsBecomeDurableInOrderWhateverOrderTheyArriveIn() {
    Random random = new Random(7);
    List<Long> durable = new ArrayList<>();
    List<SegmentId> onTheirWay = new ArrayList<>();
    for (int round = 0; round < 5000; round++) {
      boolean write = random.nextBoolean();
      if (write && writer.hasRoom(0)) {
        writer.append(Samples.mark(round), Samples.NO_DATA);
        writer.flush().ifPresent(header -> onTheirWay.add(header.id()));
      }
      if (!write && !onTheirWay.isEmpty()) {
        SegmentId id = onTheirWay.remove(random.nextInt(onTheirWay.size()));
        for (SegmentHeader header : writer.stored(id)) {
          durable.add(header.id().number());
          assertThat(onTheirWay).noneMatch(late -> late.compareTo(header.id()) <= 0);
        }
      }
      assertThat(writer.inFlight()).isLessThanOrEqualTo(LogWriter.IN_FLIGHT_MAX);
    }
    assertThat(durable).hasSizeGreaterThan(500).isSorted().doesNotHaveDuplicates();
    assertThat(durable.getLast()).isEqualTo(durable.size());
    assertThat(put).extracting(SegmentId::number).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void noMoreSegmentsAreOnTheirWayThanItWasTold() {
    LogWriter small =
        new LogWriter(
            Samples.SERVICE,
            Samples.KEY,
            SegmentId.first(0, 1),
            1,
            Samples.CLOCK,
            (id, _) -> put.add(id),
            LogWriter.SEGMENT_DATA_LENGTH,
            2);
    for (int i = 0; i < 3; i++) {
      small.append(Samples.mark(i), Samples.NO_DATA);
      assertThat(small.flush().isPresent()).isEqualTo(i < 2);
    }
    assertThat(put).hasSize(2);
    var _ = small.stored(put.getFirst());
    assertThat(small.flush()).isPresent();
  }

  @Test
  void headerSaysThroughWhichSegmentAllWereStored() {
    SegmentHeader first = next();
    SegmentHeader second = next();
    assertThat(first.stable()).isZero();
    assertThat(second.stable()).isZero();
    writer.stored(second.id());
    assertThat(next().stable()).isZero();
    writer.stored(first.id());
    assertThat(next().stable()).isEqualTo(2);
  }

  @Test
  void segmentIsClosedWhenItsDataReachesTheLimit() {
    append(BLOCK_LENGTH - 1);
    assertThat(writer.roll(0)).isEmpty();
    append(1);
    assertThat(writer.roll(0)).map(SegmentHeader::dataLength).contains(BLOCK_LENGTH);
    assertThat(writer.openSegment().number()).isEqualTo(2);
    assertThat(writer.hasOpenRecords()).isFalse();
  }

  @Test
  void segmentIsClosedWhenItsRecordsReachTheLimit() {
    int records = 0;
    while (writer.roll(0).isEmpty()) {
      writer.append(Samples.mark(records++), Samples.NO_DATA);
    }
    assertThat(records).isBetween(30_000, 60_000);
  }

  @Test
  void thereIsRoomUntilTooManySegmentsAreOnTheirWay() {
    for (int i = 0; i < LogWriter.IN_FLIGHT_MAX; i++) {
      append(BLOCK_LENGTH);
      assertThat(writer.roll(0)).isPresent();
    }
    assertThat(writer.hasRoom(BLOCK_LENGTH)).isTrue();
    append(BLOCK_LENGTH);
    assertThat(writer.hasRoom(0)).isFalse();
    assertThat(writer.roll(1)).isEmpty();
    assertThat(writer.flush()).isEmpty();
    assertThatThrownBy(() -> append(1)).isInstanceOf(InvariantException.class);

    writer.stored(put.get(1));
    assertThat(writer.hasRoom(0)).as("the first is not stored").isFalse();
    writer.stored(put.getFirst());
    assertThat(writer.hasRoom(0)).isTrue();
    assertThat(writer.roll(0)).isPresent();
    assertThat(writer.isIdle()).isFalse();
    put.stream().skip(2).forEach(writer::stored);
    assertThat(writer.isIdle()).isTrue();
  }

  private SegmentHeader next() {
    writer.append(Samples.mark(1), Samples.NO_DATA);
    return writer.flush().orElseThrow();
  }

  private void append(int length) {
    writer.append(
        new LogRecord.BlockStored(Samples.MACHINE, 1, BlockClass.CHUNK, Samples.NAME, length, 0),
        ByteBuffer.allocate(length));
  }
}
