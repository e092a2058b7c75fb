package org.holdfast.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.holdfast.core.CorruptException;
import org.holdfast.core.ServiceId;
import org.junit.jupiter.api.Test;

class SegmentTest {
  @Test
  void segmentWithEveryKindOfRecordHasTheGoldenBytes() throws Exception {
    byte[] golden = Samples.hex("segment.hex");
    SegmentBuilder.Closed closed = Samples.golden();

    assertThat(hex(Samples.joined(closed.body()))).isEqualTo(hex(golden));
    SegmentHeader read = read(header(golden));
    assertThat(read).isEqualTo(closed.header());
    assertThat(read.entries()).extracting(LogEntry::item).isEqualTo(Samples.records());
    assertThat(read.stable()).isEqualTo(5);
    assertThat(read.entries().get(6).dataOffset()).isEqualTo(Samples.BLOCK.length);
  }

  @Test
  void sealHasTheGoldenBytes() throws Exception {
    SegmentId id = Samples.GOLDEN_ID.next();
    byte[] golden = Samples.hex("seal.hex");
    SegmentBuilder.Closed seal =
        SegmentBuilder.seal(Samples.SERVICE, id, Samples.OWNER, Samples.TIME, Samples.KEY);

    assertThat(hex(Samples.joined(seal.body()))).isEqualTo(hex(golden));
    SegmentHeader read = Segment.readHeader(golden, Samples.KEY, Samples.SERVICE, id);
    assertThat(read.seal()).isTrue();
    assertThat(read.stable()).isEqualTo(9);
    assertThat(read.entries().getFirst().item())
        .isEqualTo(new LogRecord.EpochSealed(3, Samples.OWNER));
  }

  @Test
  void everyFlippedBitOfAHeaderIsCorrupt() throws Exception {
    byte[] header = header(Samples.hex("segment.hex"));
    for (int bit = 0; bit < header.length * 8; bit++) {
      byte[] damaged = header.clone();
      int at = bit / 8;
      damaged[at] ^= (byte) (1 << bit % 8);
      assertThatThrownBy(() -> read(damaged))
          .as("bit %d", bit)
          .isExactlyInstanceOf(CorruptException.class)
          .message()
          .matches(message -> isSaidOf(message, at, header.length), "says what it is");
    }
  }

  /// What rots is not taken for another service's, but where only the HMAC has.
  private static boolean isSaidOf(String message, int at, int length) {
    return at < 16 || message.contains(at < length - 32 ? "checksum" : "log key");
  }

  @Test
  void everyTruncationAndExtensionOfAHeaderIsCorrupt() throws Exception {
    byte[] header = header(Samples.hex("segment.hex"));
    for (int length = 0; length <= header.length + 40; length++) {
      byte[] cut = Arrays.copyOf(header, length);
      if (length != header.length) {
        assertThatThrownBy(() -> read(cut))
            .as("%d bytes", length)
            .isExactlyInstanceOf(CorruptException.class);
      }
    }
  }

  /// Whoever has the key may still have a defect: what a parser reads behind a valid HMAC must not
  /// make it fail in another way.
  @Test
  void anythingBehindAValidMacIsReadOrCorrupt() throws Exception {
    byte[] header = header(Samples.hex("segment.hex"));
    Random random = new Random(5);
    int accepted = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] damaged = header.clone();
      for (int i = random.nextInt(1, 4); i > 0; i--) {
        int at = random.nextInt(16, header.length - Segment.TRAILER_LENGTH);
        damaged[at] = random.nextBoolean() ? (byte) random.nextInt() : (byte) -1;
      }
      Segment.writeTrailer(damaged, Samples.KEY);
      try {
        read(damaged);
        accepted++;
      } catch (CorruptException e) {
        assertThat(e.getMessage()).doesNotContain("\n");
      }
    }
    assertThat(accepted).isPositive();
  }

  @Test
  void headerOfAnotherKeyServiceOrPlaceIsRefused() throws Exception {
    byte[] header = header(Samples.hex("segment.hex"));
    LogKey otherKey = new LogKey(Samples.run(0xc1, 32));
    ServiceId otherService = new ServiceId(Samples.run(0x41, 16));
    assertThatThrownBy(
            () -> Segment.readHeader(header, otherKey, Samples.SERVICE, Samples.GOLDEN_ID))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("log key");
    assertThatThrownBy(
            () -> Segment.readHeader(header, Samples.KEY, otherService, Samples.GOLDEN_ID))
        .isInstanceOf(CorruptException.class);
    for (SegmentId other :
        List.of(new SegmentId(4, 2, 9), new SegmentId(3, 3, 9), new SegmentId(3, 2, 8))) {
      assertThatThrownBy(() -> Segment.readHeader(header, Samples.KEY, Samples.SERVICE, other))
          .isInstanceOf(CorruptException.class)
          .hasMessageContaining("elsewhere");
    }
  }

  @Test
  void sealIsTheOnlySegmentThatHoldsASealRecord() {
    SegmentBuilder notSeal = new SegmentBuilder(Samples.SERVICE, Samples.GOLDEN_ID, false);
    notSeal.add(0, new LogRecord.EpochSealed(3, Samples.OWNER), Samples.NO_DATA);
    byte[] bytes = Samples.joined(notSeal.close(0, Samples.TIME, Samples.KEY).body());
    assertThatThrownBy(() -> read(bytes)).isInstanceOf(CorruptException.class);

    SegmentBuilder seal = new SegmentBuilder(Samples.SERVICE, Samples.GOLDEN_ID, true);
    seal.add(1, Samples.mark(1), Samples.NO_DATA);
    byte[] other = Samples.joined(seal.close(0, Samples.TIME, Samples.KEY).body());
    assertThatThrownBy(() -> read(other)).isInstanceOf(CorruptException.class);
  }

  private static byte[] header(byte[] segment) {
    return Arrays.copyOf(segment, ByteBuffer.wrap(segment).getInt(12));
  }

  private static SegmentHeader read(byte[] header) throws CorruptException {
    return Segment.readHeader(header, Samples.KEY, Samples.SERVICE, Samples.GOLDEN_ID);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
