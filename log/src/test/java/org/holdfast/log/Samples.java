package org.holdfast.log;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.holdfast.core.AccountId;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.InviteId;
import org.holdfast.core.MachineId;
import org.holdfast.core.Right;
import org.holdfast.core.ServiceId;
import org.holdfast.core.TransactionId;

/// Values that are easy to find in a dump, one record of every kind, and a clock that stands still.
final class Samples {
  static final long TIME = 1_767_225_600_123L;
  static final LogKey KEY = new LogKey(run(0xc0, 32));
  static final ServiceId SERVICE = new ServiceId(run(0x40, 16));
  static final MachineId MACHINE = new MachineId(run(0x10, 16));
  static final AccountId ACCOUNT = new AccountId(run(0x30, 16));
  static final InviteId INVITE = new InviteId(run(0x50, 16));
  static final TransactionId TRANSACTION = new TransactionId(run(0x20, 16));
  static final BlockName NAME = new BlockName(run(0x60, 32));
  static final BlockName ROOT = new BlockName(run(0x80, 32));
  static final Bytes OWNER = run(0xa0, 16);
  static final SegmentId GOLDEN_ID = new SegmentId(3, 2, 9);
  static final byte[] BLOCK = "block one!".getBytes(StandardCharsets.US_ASCII);
  static final byte[] ROOT_BLOCK = run(0, 256).toArray();
  static final ByteBuffer NO_DATA = ByteBuffer.allocate(0);

  static final Clock CLOCK =
      new Clock() {
        @Override
        public long wallMillis() {
          return TIME;
        }

        @Override
        public long nanos() {
          return 0;
        }

        @Override
        public void sleepMillis(long millis) {}
      };

  private Samples() {}

  static Bytes run(int start, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (start + i);
    }
    return Bytes.wrap(bytes);
  }

  /// Every kind of record but the seal's, as the golden segment holds them.
  static List<LogRecord> records() {
    return List.of(
        new LogRecord.EpochBegun(2, OWNER, TIME),
        new LogRecord.AccountOpened(ACCOUNT, "Zoë & sons"),
        new LogRecord.InviteMade(INVITE, ACCOUNT, run(0xb0, 32), "laptop", TIME + 1000),
        new LogRecord.MachineRegistered(
            MACHINE,
            ACCOUNT,
            INVITE,
            "laptop",
            List.of(
                new LogRecord.Credential(Right.WRITE, run(0xd0, 32)),
                new LogRecord.Credential(Right.READ, run(0xe0, 32)))),
        new LogRecord.WriteBegun(MACHINE, TRANSACTION, 999),
        block(NAME, BlockClass.CHUNK, BLOCK),
        block(ROOT, BlockClass.ROOT, ROOT_BLOCK),
        new LogRecord.Checkpoint(MACHINE, 1004, ROOT, 7, TIME + 1, NAME),
        new LogRecord.Committed(MACHINE, 1004, ROOT, 7, TIME + 2, ROOT),
        new LogRecord.Cancelled(MACHINE, 1009),
        new LogRecord.TransactionCleared(MACHINE, 1009),
        new LogRecord.DeleteBegun(MACHINE, TRANSACTION, 1004),
        new LogRecord.CopyDeleted(MACHINE, 1011, BlockClass.ROOT, ROOT, 1006, true),
        new LogRecord.DeleteCommitted(MACHINE, 1011, TIME + 3, TIME + 4),
        new LogRecord.DeleteUndone(MACHINE, 1011, TIME + 5),
        new LogRecord.DeleteExpired(MACHINE, 1011, TIME + 6),
        new LogRecord.CopyFreed(MACHINE, BlockClass.CHUNK, NAME, 1005, 2, 8),
        new LogRecord.SegmentsRetired(1, 4, 7),
        new LogRecord.CleaningBegun(1, 9),
        moved(ROOT_BLOCK),
        again(BLOCK),
        new LogRecord.MachineMoved(MACHINE, ACCOUNT, new AccountId(run(0x38, 16)), TIME + 7),
        new LogRecord.RowRestated(run(0x61, 17), Optional.of(run(0x71, 5))),
        new LogRecord.RowRestated(run(0x61, 17), Optional.empty()),
        new LogRecord.Digest(new StateDigest(0x0123456789abcdefL, 0xfedcba9876543210L)));
  }

  static SegmentBuilder.Closed golden() {
    SegmentBuilder builder = new SegmentBuilder(SERVICE, GOLDEN_ID, false);
    long number = 1000;
    for (LogRecord item : records()) {
      builder.add(number++, item, data(item));
    }
    return builder.close(5, TIME, KEY);
  }

  static ByteBuffer data(LogRecord item) {
    return switch (item.dataLength()) {
      case 0 -> NO_DATA;
      case 256 -> ByteBuffer.wrap(ROOT_BLOCK);
      default -> ByteBuffer.wrap(BLOCK);
    };
  }

  private static LogRecord moved(byte[] bytes) {
    LogRecord.BlockStored block = block(ROOT, BlockClass.ROOT, bytes);
    return new LogRecord.CopyMoved(
        MACHINE, 1004, block.kind(), block.name(), block.length(), block.crc(), 1006, 1011);
  }

  private static LogRecord again(byte[] bytes) {
    LogRecord.BlockStored block = block(NAME, BlockClass.CHUNK, bytes);
    return new LogRecord.BlockStoredAgain(
        MACHINE, 1004, block.kind(), block.name(), block.length(), block.crc(), 1005);
  }

  static LogRecord.BlockStored block(BlockName name, BlockClass kind, byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return new LogRecord.BlockStored(MACHINE, 1004, kind, name, bytes.length, (int) crc.getValue());
  }

  /// A record that is told from others by its number.
  static LogRecord mark(long value) {
    return new LogRecord.Digest(new StateDigest(value, ~value));
  }

  static byte[] hex(String resource) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(Samples.class.getResourceAsStream(resource), resource)) {
      String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
    }
  }

  static byte[] joined(List<ByteBuffer> body) {
    ByteBuffer all = ByteBuffer.allocate(body.stream().mapToInt(ByteBuffer::remaining).sum());
    body.forEach(part -> all.put(part.duplicate()));
    return all.array();
  }
}
