package org.holdfast.log;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.Invariant;
import org.holdfast.core.ServiceId;

/// The layout of a segment (`docs/format.md`, "Segment"): how a header is written and read.
///
/// ```
/// +-----------+---------------+-------+----------+------------------+
/// | fixed, 72 | records ...   | crc 4 | hmac 32  | data ...         |
/// +-----------+---------------+-------+----------+------------------+
/// |<------------- H: header ------------------->|<-- D: data ----->|
/// ```
public final class Segment {
  /// Length of the fields before the records.
  static final int FIXED_LENGTH = 72;

  static final int HMAC_LENGTH = 32;

  /// Length of checksum and HMAC behind the records.
  static final int TRAILER_LENGTH = 36;

  /// A record's kind, body length and number.
  static final int RECORD_PREFIX_LENGTH = 11;

  /// No header is longer.
  public static final int HEADER_LENGTH_MAX = 8 << 20;

  /// No segment holds more data.
  public static final int DATA_LENGTH_MAX = 32 << 20;

  private static final byte[] MAGIC =
      "HOLDFAST".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
  private static final int VERSION = 2;
  private static final int SERVICE_AT = 24;
  private static final int FLAG_SEAL = 1;

  private Segment() {}

  /// The fields before the records; `headerLength` counts everything up to the data.
  static void writeFixed(ByteBuffer out, SegmentHeader header, int count) {
    out.put(MAGIC).putShort((short) VERSION).putShort((short) (header.seal() ? FLAG_SEAL : 0));
    out.putInt(header.headerLength()).putInt(header.dataLength()).putInt(count);
    out.put(header.service().bytes().toArray());
    out.putInt(header.id().shard()).putInt(header.id().epoch()).putLong(header.id().number());
    out.putLong(header.stable()).putLong(header.timeMillis());
  }

  static void writeRecord(ByteBuffer out, long number, LogRecord item) {
    int start = out.position();
    out.put((byte) RecordCodec.kind(item)).putShort((short) 0).putLong(number);
    RecordCodec.write(item, out);
    int length = out.position() - start - RECORD_PREFIX_LENGTH;
    Invariant.check(length <= RecordCodec.BODY_LENGTH_MAX, "a record is bounded");
    out.putShort(start + 1, (short) length);
  }

  /// Checksum and HMAC, in the last bytes of `header`, over everything before them.
  static void writeTrailer(byte[] header, LogKey key) {
    int length = header.length - TRAILER_LENGTH;
    CRC32C crc = new CRC32C();
    crc.update(header, 0, length);
    ByteBuffer out = ByteBuffer.wrap(header);
    out.putInt(length, (int) crc.getValue());
    out.put(length + Integer.BYTES, key.mac(header, length + Integer.BYTES));
  }

  /// How long the header is of which these are the first bytes (at least 24). Not yet
  /// authenticated.
  static int headerLength(byte[] start) throws CorruptException {
    if (start.length < FIXED_LENGTH || !Arrays.equals(start, 0, 8, MAGIC, 0, 8)) {
      throw new CorruptException("not a segment");
    }
    ByteBuffer in = ByteBuffer.wrap(start);
    int version = Short.toUnsignedInt(in.getShort(8));
    if (version != VERSION) {
      throw new CorruptException(
          "segment of format version " + version + ", this reads " + VERSION);
    }
    int length = in.getInt(12);
    if (length < FIXED_LENGTH + TRAILER_LENGTH || length > HEADER_LENGTH_MAX) {
      throw new CorruptException(
          "a segment header of " + Integer.toUnsignedString(length) + " bytes");
    }
    return length;
  }

  /// Reads and authenticates a header. `bytes` holds exactly the header.
  ///
  /// Throws [CorruptException] for anything that the key's owner did not write as segment `id` of
  /// this service.
  public static SegmentHeader readHeader(byte[] bytes, LogKey key, ServiceId service, SegmentId id)
      throws CorruptException {
    return authenticated(bytes, key, service, id).parsed();
  }

  /// As [#readHeader], without a look at its records. Takes the array over.
  static HeaderBytes authenticated(byte[] bytes, LogKey key, ServiceId service, SegmentId id)
      throws CorruptException {
    int length = headerLength(bytes);
    if (length != bytes.length) {
      throw new CorruptException(id + ": its header is cut short");
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length - TRAILER_LENGTH);
    if ((int) crc.getValue() != in.getInt(length - TRAILER_LENGTH)) {
      throw new CorruptException(id + ": the header's checksum does not match");
    }
    if (!key.verifies(bytes, length - 32, Arrays.copyOfRange(bytes, length - 32, length))) {
      throw new CorruptException(id + ": the header was not written with this service's log key");
    }
    return fields(in, bytes, service, id);
  }

  /// Whose segment begins with these bytes, the whole header among them; empty if its checksum does
  /// not hold, or it is another segment.
  static Optional<ServiceId> service(byte[] start, Optional<SegmentId> id) {
    try {
      boolean isIt =
          isHeaderIntact(start, headerLength(start))
              && Optional.of(idAt(ByteBuffer.wrap(start))).equals(id);
      return isIt
          ? Optional.of(
              new ServiceId(Bytes.copyOf(start, SERVICE_AT, SERVICE_AT + ServiceId.LENGTH)))
          : Optional.empty();
    } catch (CorruptException _) {
      return Optional.empty();
    }
  }

  /// Whether the object that begins with these bytes has a header of that length whose checksum
  /// holds: against rot, not against forgery.
  public static boolean isHeaderIntact(byte[] start, int length) {
    try {
      if (start.length < length || headerLength(start) != length) {
        return false;
      }
    } catch (CorruptException _) {
      return false;
    }
    CRC32C crc = new CRC32C();
    crc.update(start, 0, length - TRAILER_LENGTH);
    return (int) crc.getValue() == ByteBuffer.wrap(start).getInt(length - TRAILER_LENGTH);
  }

  /// Whether this is the whole header of segment `id`, as far as its checksum tells: against rot,
  /// not against forgery.
  static boolean isIntact(byte[] header, SegmentId id) {
    try {
      return isHeaderIntact(header, header.length) && idAt(ByteBuffer.wrap(header)).equals(id);
    } catch (CorruptException _) {
      return false;
    }
  }

  private static HeaderBytes fields(ByteBuffer in, byte[] bytes, ServiceId service, SegmentId id)
      throws CorruptException {
    int flags = in.getShort(10);
    int dataLength = in.getInt(16);
    int count = in.getInt(20);
    byte[] serviceBytes = new byte[ServiceId.LENGTH];
    in.get(SERVICE_AT, serviceBytes);
    SegmentId found = idAt(in);
    if (!service.bytes().equals(Bytes.wrap(serviceBytes)) || !found.equals(id)) {
      throw new CorruptException(id + ": the object belongs elsewhere, to " + found);
    }
    if ((flags & ~FLAG_SEAL) != 0 || dataLength < 0 || dataLength > DATA_LENGTH_MAX || count < 0) {
      throw new CorruptException(id + ": the header makes no sense");
    }
    return new HeaderBytes(
        service, id, flags == FLAG_SEAL, in.getLong(56), in.getLong(64), dataLength, count, bytes);
  }

  private static SegmentId idAt(ByteBuffer in) throws CorruptException {
    int shard = in.getInt(40);
    int epoch = in.getInt(44);
    long number = in.getLong(48);
    if (shard < 0 || epoch < 1 || number < 1) {
      throw new CorruptException(
          "a segment that numbers itself " + shard + "/" + epoch + "/" + number);
    }
    return new SegmentId(shard, epoch, number);
  }
}
