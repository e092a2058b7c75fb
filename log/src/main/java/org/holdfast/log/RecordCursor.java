package org.holdfast.log;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.MachineId;
import org.jspecify.annotations.Nullable;

/// Walks a header's records where they lie. What they say of blocks is read from the bytes: a log
/// has a hundred million such records, and an object for each takes longer than all that is done
/// with it. Other records are few, and come as entries.
///
/// Finds the same faults as [RecordCodec], which it asks about all that is no block's.
///
/// ```
/// | kind            | body
/// +-----------------+-----------------------------------------------------------------------
/// | stored 41       | machine 16 | begun 8 | class 1 | name 32 | length 4 | crc 4
/// | stored again 46 | machine 16 | begun 8 | class 1 | name 32 | length 4 | crc 4 | damaged 8
/// | deleted 51      | machine 16 | begun 8 | class 1 | name 32 | stored 8 | again 1
/// | freed 60        | machine 16 | class 1 | name 32 | stored 8 | epoch 4 | segment 8
/// | moved 63        | as stored, then stored 8 | deleted by 8
/// ```
///
/// Used by one thread.
public final class RecordCursor {
  private static final int BEGUN_AT = MachineId.LENGTH;
  private static final int CLASS_AT = BEGUN_AT + Long.BYTES;
  private static final int FREED_CLASS_AT = MachineId.LENGTH;
  private static final int DELETED_LENGTH = CLASS_AT + 1 + BlockName.LENGTH + Long.BYTES + 1;

  private final SegmentId id;
  private final byte[] bytes;
  private final ByteBuffer in;
  private final int to;
  private final int count;
  private final int dataLength;

  private int done;
  private int next;
  private long nextData;

  private What what = What.OTHER;
  private int kind;
  private int body;
  private int bodyLength;
  private long number;
  private long dataOffset;
  private int classAt;

  private int machineAt = -1;
  private @Nullable MachineId machine;

  /// What a record says of a block.
  public enum What {
    STORED,
    MOVED,
    DELETED,
    /// As *deleted*, of what was said before.
    DELETED_AGAIN,
    FREED,
    /// Of none.
    OTHER
  }

  RecordCursor(SegmentId id, byte[] bytes, int count, int dataLength) {
    this.id = id;
    this.bytes = bytes;
    this.in = ByteBuffer.wrap(bytes);
    this.next = Segment.FIXED_LENGTH;
    this.to = bytes.length - Segment.TRAILER_LENGTH;
    this.count = count;
    this.dataLength = dataLength;
  }

  /// Goes to the next record; false behind the last, if all adds up.
  public boolean next() throws CorruptException {
    if (done == count) {
      if (next != to || nextData != dataLength) {
        throw new CorruptException(id + ": records and lengths do not add up");
      }
      return false;
    }
    if (to - next < Segment.RECORD_PREFIX_LENGTH) {
      throw new CorruptException(id + ": record " + done + " is cut short");
    }
    kind = Byte.toUnsignedInt(bytes[next]);
    bodyLength = Short.toUnsignedInt(in.getShort(next + 1));
    number = in.getLong(next + 3);
    body = next + Segment.RECORD_PREFIX_LENGTH;
    if (bodyLength > to - body || number < 0) {
      throw new CorruptException(id + ": record " + done + " is cut short");
    }
    dataOffset = nextData;
    enter();
    next = body + bodyLength;
    done++;
    return true;
  }

  private void enter() throws CorruptException {
    classAt = body + CLASS_AT;
    switch (kind) {
      case 41 -> block(What.STORED, 65, true);
      case 46 -> block(What.STORED, 73, true);
      case 63 -> block(What.MOVED, 81, true);
      case 51 -> {
        block(What.DELETED, DELETED_LENGTH, false);
        int again = bytes[body + DELETED_LENGTH - 1];
        if (again != 0) {
          what = What.DELETED_AGAIN;
        }
        if (again != 0 && again != 1) {
          throw new CorruptException("a flag of " + again);
        }
      }
      case 60 -> {
        classAt = body + FREED_CLASS_AT;
        block(What.FREED, 69, false);
      }
      default -> what = What.OTHER;
    }
  }

  private void block(What says, int length, boolean hasData) throws CorruptException {
    if (bodyLength != length) {
      throw new CorruptException("record of kind " + kind + " has " + bodyLength + " bytes");
    }
    what = says;
    int code = bytes[classAt];
    if (code < BlockClass.CHUNK.code() || code > BlockClass.RUN.code()) {
      throw new CorruptException("no block class " + code);
    }
    if (hasData) {
      int data = length();
      if (data < 0 || data > Segment.DATA_LENGTH_MAX) {
        throw new CorruptException("a block of " + Integer.toUnsignedString(data) + " bytes");
      }
      nextData += data;
    }
  }

  /// What it says, if it is of a block.
  public What what() {
    return what;
  }

  /// Whether it is of a root: rows of archives follow from these.
  public boolean isRoot() {
    return bytes[classAt] == BlockClass.ROOT.code();
  }

  public long number() {
    return number;
  }

  /// Of *stored* and *moved*.
  public int dataOffset() {
    return (int) dataOffset;
  }

  /// Of a record of a block.
  public MachineId machine() {
    MachineId last = machine;
    if (last != null
        && Arrays.equals(
            bytes, body, body + MachineId.LENGTH, bytes, machineAt, machineAt + MachineId.LENGTH)) {
      return last;
    }
    MachineId found = new MachineId(slice(body, MachineId.LENGTH));
    machine = found;
    machineAt = body;
    return found;
  }

  /// The code of the block's class.
  public int classCode() {
    return bytes[classAt];
  }

  /// The name's first bits.
  public int namePrefix() {
    return in.getInt(classAt + 1);
  }

  public void putNameInto(ByteBuffer out) {
    out.put(bytes, classAt + 1, BlockName.LENGTH);
  }

  /// Of all but *freed*.
  public long begun() {
    return in.getLong(body + BEGUN_AT);
  }

  /// Of *stored* and *moved*.
  public int length() {
    return in.getInt(body + CLASS_AT + 1 + BlockName.LENGTH);
  }

  /// Of *stored* and *moved*.
  public int crc() {
    return in.getInt(body + CLASS_AT + 1 + BlockName.LENGTH + Integer.BYTES);
  }

  /// The record that stored the copy. Of *deleted* and *freed*; *stored* is that record itself.
  public long stored() {
    return switch (what) {
      case MOVED -> in.getLong(body + CLASS_AT + 1 + BlockName.LENGTH + 2 * Integer.BYTES);
      case STORED -> number;
      default -> in.getLong(classAt + 1 + BlockName.LENGTH);
    };
  }

  /// Of *moved*: the deletion that the copy belongs to, 0 for none.
  public long deletedBy() {
    return in.getLong(body + bodyLength - Long.BYTES);
  }

  /// The record, whatever it says.
  public LogEntry entry() throws CorruptException {
    return new LogEntry(number, RecordCodec.read(kind, in.slice(body, bodyLength)), dataOffset);
  }

  /// In bytes, as [#copyTo] copies it.
  public int recordLength() {
    return Segment.RECORD_PREFIX_LENGTH + bodyLength;
  }

  /// The record as it is, for [#copied].
  public void copyTo(ByteBuffer out) {
    out.put(bytes, body - Segment.RECORD_PREFIX_LENGTH, recordLength());
  }

  /// A record that was copied, whose data began at `dataOffset`.
  public static LogEntry copied(ByteBuffer in, long dataOffset) throws CorruptException {
    int kind = Byte.toUnsignedInt(in.get());
    int length = Short.toUnsignedInt(in.getShort());
    long number = in.getLong();
    LogRecord record = RecordCodec.read(kind, in.slice(in.position(), length));
    in.position(in.position() + length);
    return new LogEntry(number, record, dataOffset);
  }

  boolean isSealRecord() {
    return kind == 2;
  }

  private Bytes slice(int from, int length) {
    return Bytes.copyOf(bytes, from, from + length);
  }
}
