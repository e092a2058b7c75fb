package org.holdfast.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.holdfast.core.CorruptException;
import org.holdfast.core.FuzzContract;
import org.holdfast.core.ServiceId;

/// A segment's header. One that the key's owner did not write is refused; one that the owner wrote,
/// whatever is in it, is refused or written again to the same bytes.
final class SegmentFuzzTest extends FuzzContract {
  private static final int ID_AT = 40;

  private final List<byte[]> seeds;

  SegmentFuzzTest() throws Exception {
    byte[] segment = Samples.hex("segment.hex");
    seeds =
        List.of(
            Arrays.copyOf(segment, ByteBuffer.wrap(segment).getInt(12)), Samples.hex("seal.hex"));
  }

  @Override
  protected List<byte[]> seeds() {
    return seeds;
  }

  @Override
  protected void parse(byte[] input) throws Exception {
    SegmentId id = claimed(input);
    boolean known = seeds.stream().anyMatch(seed -> Arrays.equals(seed, input));
    assertThat(isRead(input, id)).isEqualTo(known);

    byte[] signed = input.clone();
    ByteBuffer.wrap(signed).putInt(12, signed.length);
    Segment.writeTrailer(signed, Samples.KEY);
    assertThat(Segment.isHeaderIntact(signed, signed.length))
        .isEqualTo(Segment.headerLength(signed) == signed.length);
    SegmentHeader header = Segment.readHeader(signed, Samples.KEY, Samples.SERVICE, id);
    assertThat(written(header)).isEqualTo(signed);
  }

  /// The id that the header gives itself, so that what follows it is looked at too.
  private static SegmentId claimed(byte[] input) throws CorruptException {
    if (input.length < Segment.FIXED_LENGTH + Segment.TRAILER_LENGTH) {
      throw new CorruptException("too short to be completed");
    }
    ByteBuffer in = ByteBuffer.wrap(input);
    System.arraycopy(Samples.SERVICE.bytes().toArray(), 0, input, 24, ServiceId.LENGTH);
    int shard = in.getInt(ID_AT);
    int epoch = in.getInt(ID_AT + 4);
    long number = in.getLong(ID_AT + 8);
    boolean possible = shard >= 0 && epoch >= 1 && number >= 1;
    return possible ? new SegmentId(shard, epoch, number) : Samples.GOLDEN_ID;
  }

  private static boolean isRead(byte[] input, SegmentId id) {
    try {
      Segment.readHeader(input, Samples.KEY, Samples.SERVICE, id);
      return true;
    } catch (CorruptException _) {
      return false;
    }
  }

  private static byte[] written(SegmentHeader header) {
    byte[] bytes = new byte[header.headerLength()];
    ByteBuffer out = ByteBuffer.wrap(bytes);
    Segment.writeFixed(out, header, header.entries().size());
    for (LogEntry each : header.entries()) {
      Segment.writeRecord(out, each.number(), each.item());
    }
    Segment.writeTrailer(bytes, Samples.KEY);
    return bytes;
  }
}
