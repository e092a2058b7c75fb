package org.holdfast.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.holdfast.core.CorruptException;
import org.holdfast.core.FuzzContract;

/// A record's kind and body. What is read is written again to the same bytes.
final class RecordFuzzTest extends FuzzContract {
  @Override
  protected List<byte[]> seeds() {
    List<LogRecord> records = new ArrayList<>(Samples.records());
    records.add(new LogRecord.EpochSealed(3, Samples.OWNER));
    return records.stream().map(RecordFuzzTest::written).toList();
  }

  @Override
  protected void parse(byte[] input) throws Exception {
    if (input.length == 0 || input.length > 1 + 0xffff) {
      throw new CorruptException("no record in a segment is of that length");
    }
    ByteBuffer body = ByteBuffer.wrap(input, 1, input.length - 1).slice();
    LogRecord item = RecordCodec.read(Byte.toUnsignedInt(input[0]), body);
    assertThat(written(item)).isEqualTo(input);
  }

  private static byte[] written(LogRecord item) {
    byte[] bytes = new byte[1 + RecordCodec.BODY_LENGTH_MAX];
    ByteBuffer out = ByteBuffer.wrap(bytes).put((byte) RecordCodec.kind(item));
    RecordCodec.write(item, out);
    return Arrays.copyOf(bytes, out.position());
  }
}
