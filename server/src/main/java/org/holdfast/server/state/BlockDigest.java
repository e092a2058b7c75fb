package org.holdfast.server.state;

import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.Arrays;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.MachineId;
import org.holdfast.log.StateDigest;

/// Makes rows of blocks with one copy that belongs to no deletion, as nearly all are, and sums them
/// up as [RowDigest] does: in place, since there are a hundred million of them.
///
/// ```
/// +----------+-----+------------+---------+---------+----------------------+----------+
/// | length 2 | b 1 | machine 16 | class 1 | name 32 | record ... crc 24    | place 16 |
/// +----------+-----+------------+---------+---------+----------------------+----------+
/// |<-- hashed ---------------------------------------------------------- ->|
///            |<------------ key ------------------->|<----------- value ------------->|
/// ```
///
/// Used by one thread.
final class BlockDigest {
  private static final int KEY_AT = 2;
  private static final int KEY_LENGTH = 2 + MachineId.LENGTH + BlockName.LENGTH;
  private static final int NAME_AT = KEY_AT + KEY_LENGTH - BlockName.LENGTH;
  private static final int VALUE_AT = KEY_AT + KEY_LENGTH;
  private static final int OFFSET_AT = VALUE_AT + BlockRow.SHORT_LENGTH - Integer.BYTES;
  private static final int PLACE_AT = VALUE_AT + BlockRow.SHORT_LENGTH - BlockRow.PLACE_LENGTH;

  private final MessageDigest sha256 = RowDigest.sha256();
  private final byte[] row = new byte[VALUE_AT + BlockRow.SHORT_LENGTH];
  private final byte[] hash = new byte[sha256.getDigestLength()];
  private final ByteBuffer in = ByteBuffer.wrap(row);
  private final ByteBuffer out = ByteBuffer.wrap(hash);
  private long high;
  private long low;
  private long checksum;

  /// What follows are this machine's blocks of one class.
  void enter(MachineId machine, BlockClass kind) {
    in.putShort(0, (short) KEY_LENGTH).put(KEY_AT, (byte) 'b');
    machine.bytes().copyTo(row, KEY_AT + 1);
    row[NAME_AT - 1] = (byte) kind.code();
  }

  /// The block of which the name is there, and the row's value but for the segment.
  void add(byte[] bytes, int nameAt, int valueAt, int epoch, long segment) {
    System.arraycopy(bytes, nameAt, row, NAME_AT, BlockName.LENGTH);
    int before = PLACE_AT - VALUE_AT;
    System.arraycopy(bytes, valueAt, row, VALUE_AT, before);
    in.putInt(PLACE_AT, epoch).putLong(PLACE_AT + Integer.BYTES, segment);
    System.arraycopy(bytes, valueAt + before, row, OFFSET_AT, Integer.BYTES);
    sha256.update(row, 0, PLACE_AT);
    try {
      sha256.digest(hash, 0, hash.length);
    } catch (DigestException e) {
      throw new AssertionError("there is room for it", e);
    }
    long lower = low + out.getLong(Long.BYTES);
    high += out.getLong(0) + (Long.compareUnsigned(lower, low) < 0 ? 1 : 0);
    low = lower;
    long place = RowDigest.mix(out.getLong(2 * Long.BYTES) ^ in.getLong(PLACE_AT));
    checksum += RowDigest.mix(place ^ in.getLong(PLACE_AT + Long.BYTES));
  }

  /// Length of the data of the block that was added last.
  int length() {
    return in.getInt(VALUE_AT + 2 * Long.BYTES);
  }

  byte[] key() {
    return Arrays.copyOfRange(row, KEY_AT, VALUE_AT);
  }

  byte[] value() {
    return Arrays.copyOfRange(row, VALUE_AT, row.length);
  }

  /// Of all that were added.
  Fingerprint sum() {
    return new Fingerprint(new StateDigest(high, low), checksum);
  }
}
