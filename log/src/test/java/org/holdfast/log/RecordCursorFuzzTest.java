package org.holdfast.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.CorruptException;
import org.holdfast.core.FuzzContract;
import org.holdfast.core.MachineId;
import org.holdfast.log.RecordCursor.What;

/// A record's kind and body, alone in a header. The cursor takes what [RecordCodec] takes, refuses
/// what it refuses, and finds the same in it.
final class RecordCursorFuzzTest extends FuzzContract {
  private static final long NUMBER = 77;

  @Override
  protected List<byte[]> seeds() {
    return Samples.records().stream().map(RecordCursorFuzzTest::written).toList();
  }

  @Override
  protected void parse(byte[] input) throws Exception {
    if (input.length == 0 || input.length > 1 + 0xffff) {
      throw new CorruptException("no record in a segment is of that length");
    }
    LogRecord item;
    try {
      ByteBuffer body = ByteBuffer.wrap(input, 1, input.length - 1).slice();
      item = RecordCodec.read(Byte.toUnsignedInt(input[0]), body);
    } catch (CorruptException e) {
      RecordCursor cursor = cursor(input, 0);
      assertThatThrownBy(
              () -> {
                cursor.next();
                cursor.entry();
              })
          .isInstanceOf(CorruptException.class);
      throw e;
    }
    RecordCursor cursor = cursor(input, item.dataLength());
    assertThat(cursor.next()).isTrue();
    assertThat(cursor.entry()).isEqualTo(new LogEntry(NUMBER, item, 0));
    check(cursor, item);
    assertThat(cursor.next()).isFalse();
    RecordCursor longer = cursor(input, item.dataLength() + 1);
    assertThat(longer.next()).isTrue();
    assertThatThrownBy(longer::next).isInstanceOf(CorruptException.class);
  }

  private static RecordCursor cursor(byte[] input, int dataLength) {
    int length = input.length - 1;
    ByteBuffer header =
        ByteBuffer.allocate(
            Segment.FIXED_LENGTH + Segment.RECORD_PREFIX_LENGTH + length + Segment.TRAILER_LENGTH);
    header.position(Segment.FIXED_LENGTH).put(input[0]).putShort((short) length).putLong(NUMBER);
    header.put(input, 1, length);
    return new RecordCursor(Samples.GOLDEN_ID, header.array(), 1, dataLength);
  }

  private static void check(RecordCursor cursor, LogRecord item) {
    switch (item) {
      case LogRecord.BlockStored r -> {
        checkBlock(cursor, What.STORED, r.machine(), r.kind(), r.name());
        checkCopy(cursor, NUMBER, r.begun(), r.length(), r.crc());
      }
      case LogRecord.BlockStoredAgain r -> {
        checkBlock(cursor, What.STORED, r.machine(), r.kind(), r.name());
        checkCopy(cursor, NUMBER, r.begun(), r.length(), r.crc());
      }
      case LogRecord.CopyMoved r -> {
        checkBlock(cursor, What.MOVED, r.machine(), r.kind(), r.name());
        checkCopy(cursor, r.stored(), r.begun(), r.length(), r.crc());
        assertThat(cursor.deletedBy()).isEqualTo(r.deletedBy());
      }
      case LogRecord.CopyDeleted r -> {
        What what = r.again() ? What.DELETED_AGAIN : What.DELETED;
        checkBlock(cursor, what, r.machine(), r.kind(), r.name());
        assertThat(cursor.begun()).isEqualTo(r.begun());
        assertThat(cursor.stored()).isEqualTo(r.stored());
      }
      case LogRecord.CopyFreed r -> {
        checkBlock(cursor, What.FREED, r.machine(), r.kind(), r.name());
        assertThat(cursor.stored()).isEqualTo(r.stored());
      }
      default -> assertThat(cursor.what()).isEqualTo(What.OTHER);
    }
  }

  private static void checkBlock(
      RecordCursor cursor, What what, MachineId machine, BlockClass kind, BlockName name) {
    assertThat(cursor.what()).isEqualTo(what);
    assertThat(cursor.number()).isEqualTo(NUMBER);
    assertThat(cursor.machine()).isEqualTo(machine);
    assertThat(cursor.classCode()).isEqualTo(kind.code());
    assertThat(cursor.isRoot()).isEqualTo(kind == BlockClass.ROOT);
    ByteBuffer found = ByteBuffer.allocate(BlockName.LENGTH);
    cursor.putNameInto(found);
    assertThat(BlockName.of(found.array())).isEqualTo(name);
    assertThat(cursor.namePrefix()).isEqualTo(found.getInt(0));
  }

  private static void checkCopy(RecordCursor cursor, long stored, long begun, int length, int crc) {
    assertThat(cursor.stored()).isEqualTo(stored);
    assertThat(cursor.begun()).isEqualTo(begun);
    assertThat(cursor.length()).isEqualTo(length);
    assertThat(cursor.crc()).isEqualTo(crc);
    assertThat(cursor.dataOffset()).isZero();
  }

  private static byte[] written(LogRecord item) {
    byte[] bytes = new byte[1 + RecordCodec.BODY_LENGTH_MAX];
    ByteBuffer out = ByteBuffer.wrap(bytes).put((byte) RecordCodec.kind(item));
    RecordCodec.write(item, out);
    return Arrays.copyOf(bytes, out.position());
  }
}
