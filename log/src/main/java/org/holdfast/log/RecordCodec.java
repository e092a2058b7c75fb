package org.holdfast.log;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.holdfast.core.AccountId;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.Invariant;
import org.holdfast.core.InviteId;
import org.holdfast.core.MachineId;
import org.holdfast.core.Right;
import org.holdfast.core.TransactionId;

/// Records to bytes and back, as `docs/format.md` lays them out. Both ends check the same limits.
final class RecordCodec {
  /// No text in a record is longer, in bytes.
  static final int TEXT_LENGTH_MAX = 1024;

  /// No body is longer.
  static final int BODY_LENGTH_MAX = 4096;

  private RecordCodec() {}

  static void write(LogRecord item, ByteBuffer out) {
    switch (item) {
      case LogRecord.EpochBegun r -> {
        out.putInt(r.epoch());
        put(out, r.owner());
        out.putLong(r.timeMillis());
      }
      case LogRecord.EpochSealed r -> put(out.putInt(r.nextEpoch()), r.sealedBy());
      case LogRecord.AccountOpened r -> putText(put(out, r.account().bytes()), r.name());
      case LogRecord.InviteMade r -> {
        put(put(put(out, r.invite().bytes()), r.account().bytes()), r.secretHash());
        putText(out, r.machineName()).putLong(r.expiryMillis());
      }
      case LogRecord.MachineRegistered r -> {
        put(put(put(out, r.machine().bytes()), r.account().bytes()), r.invite().bytes());
        putText(out, r.name());
        writeKeys(r.keys(), out);
      }
      case LogRecord.MachineMoved r ->
          put(put(put(out, r.machine().bytes()), r.from().bytes()), r.to().bytes())
              .putLong(r.timeMillis());
      case LogRecord.WriteBegun r ->
          put(put(out, r.machine().bytes()), r.transaction().bytes()).putLong(r.ended());
      case LogRecord.BlockStored r -> {
        put(out, r.machine().bytes()).putLong(r.begun()).put((byte) r.kind().code());
        put(out, r.name().bytes()).putInt(r.length()).putInt(r.crc());
      }
      case LogRecord.BlockStoredAgain r -> {
        put(out, r.machine().bytes()).putLong(r.begun()).put((byte) r.kind().code());
        put(out, r.name().bytes()).putInt(r.length()).putInt(r.crc()).putLong(r.damaged());
      }
      case LogRecord.Checkpoint r ->
          writeKept(
              out, r.machine(), r.begun(), r.root(), r.sequence(), r.timeMillis(), r.replaced());
      case LogRecord.Committed r ->
          writeKept(
              out, r.machine(), r.begun(), r.root(), r.sequence(), r.timeMillis(), r.replaced());
      case LogRecord.Cancelled r -> put(out, r.machine().bytes()).putLong(r.begun());
      case LogRecord.TransactionCleared r -> put(out, r.machine().bytes()).putLong(r.begun());
      case LogRecord.DeleteBegun r ->
          put(put(out, r.machine().bytes()), r.transaction().bytes()).putLong(r.ended());
      case LogRecord.CopyDeleted r -> {
        put(out, r.machine().bytes()).putLong(r.begun()).put((byte) r.kind().code());
        put(out, r.name().bytes()).putLong(r.stored()).put((byte) (r.again() ? 1 : 0));
      }
      case LogRecord.DeleteCommitted r -> {
        put(out, r.machine().bytes()).putLong(r.begun());
        out.putLong(r.timeMillis()).putLong(r.untilMillis());
      }
      case LogRecord.DeleteUndone r ->
          put(out, r.machine().bytes()).putLong(r.begun()).putLong(r.timeMillis());
      case LogRecord.DeleteExpired r ->
          put(out, r.machine().bytes()).putLong(r.begun()).putLong(r.timeMillis());
      case LogRecord.CopyFreed r -> {
        put(out, r.machine().bytes()).put((byte) r.kind().code());
        put(out, r.name().bytes()).putLong(r.stored());
        out.putInt(r.epoch()).putLong(r.segment());
      }
      case LogRecord.SegmentsRetired r ->
          out.putInt(r.epoch()).putLong(r.first()).putLong(r.last());
      case LogRecord.CleaningBegun r -> out.putInt(r.epoch()).putLong(r.segment());
      case LogRecord.CopyMoved r -> {
        put(out, r.machine().bytes()).putLong(r.begun()).put((byte) r.kind().code());
        put(out, r.name().bytes()).putInt(r.length()).putInt(r.crc());
        out.putLong(r.stored()).putLong(r.deletedBy());
      }
      case LogRecord.RowRestated r -> {
        put(out.putShort((short) r.key().length()), r.key());
        out.put((byte) (r.value().isPresent() ? 1 : 0));
        r.value().ifPresent(value -> put(out, value));
      }
      case LogRecord.Digest r -> r.digest().writeTo(out);
    }
  }

  static int kind(LogRecord item) {
    return switch (item) {
      case LogRecord.EpochBegun _ -> 1;
      case LogRecord.EpochSealed _ -> 2;
      case LogRecord.AccountOpened _ -> 10;
      case LogRecord.InviteMade _ -> 20;
      case LogRecord.MachineRegistered _ -> 30;
      case LogRecord.MachineMoved _ -> 31;
      case LogRecord.WriteBegun _ -> 40;
      case LogRecord.BlockStored _ -> 41;
      case LogRecord.Checkpoint _ -> 42;
      case LogRecord.Committed _ -> 43;
      case LogRecord.Cancelled _ -> 44;
      case LogRecord.TransactionCleared _ -> 45;
      case LogRecord.BlockStoredAgain _ -> 46;
      case LogRecord.DeleteBegun _ -> 50;
      case LogRecord.CopyDeleted _ -> 51;
      case LogRecord.DeleteCommitted _ -> 52;
      case LogRecord.DeleteUndone _ -> 53;
      case LogRecord.DeleteExpired _ -> 54;
      case LogRecord.CopyFreed _ -> 60;
      case LogRecord.SegmentsRetired _ -> 61;
      case LogRecord.CleaningBegun _ -> 62;
      case LogRecord.CopyMoved _ -> 63;
      case LogRecord.RowRestated _ -> 64;
      case LogRecord.Digest _ -> 71;
    };
  }

  /// Reads the whole of `body`; anything left over is damage.
  static LogRecord read(int kind, ByteBuffer body) throws CorruptException {
    try {
      LogRecord item = readBody(kind, body);
      if (body.hasRemaining()) {
        throw new CorruptException("record of kind " + kind + " is too long");
      }
      return item;
    } catch (BufferUnderflowException e) {
      throw new CorruptException("record of kind " + kind + " is too short", e);
    }
  }

  private static LogRecord readBody(int kind, ByteBuffer in) throws CorruptException {
    return switch (kind) {
      case 1 -> new LogRecord.EpochBegun(in.getInt(), bytes(in, 16), in.getLong());
      case 2 -> new LogRecord.EpochSealed(in.getInt(), bytes(in, 16));
      case 10 -> new LogRecord.AccountOpened(account(in), text(in));
      case 20 ->
          new LogRecord.InviteMade(invite(in), account(in), bytes(in, 32), text(in), in.getLong());
      case 30 ->
          new LogRecord.MachineRegistered(machine(in), account(in), invite(in), text(in), keys(in));
      case 31 -> new LogRecord.MachineMoved(machine(in), account(in), account(in), in.getLong());
      case 40 ->
          new LogRecord.WriteBegun(machine(in), new TransactionId(bytes(in, 16)), in.getLong());
      case 41 ->
          new LogRecord.BlockStored(
              machine(in),
              in.getLong(),
              BlockClass.of(in.get()),
              name(in),
              length(in),
              in.getInt());
      case 42 ->
          new LogRecord.Checkpoint(
              machine(in), in.getLong(), name(in), in.getLong(), in.getLong(), name(in));
      case 43 ->
          new LogRecord.Committed(
              machine(in), in.getLong(), name(in), in.getLong(), in.getLong(), name(in));
      case 44 -> new LogRecord.Cancelled(machine(in), in.getLong());
      case 45 -> new LogRecord.TransactionCleared(machine(in), in.getLong());
      case 46 ->
          new LogRecord.BlockStoredAgain(
              machine(in),
              in.getLong(),
              BlockClass.of(in.get()),
              name(in),
              length(in),
              in.getInt(),
              in.getLong());
      case 50 ->
          new LogRecord.DeleteBegun(machine(in), new TransactionId(bytes(in, 16)), in.getLong());
      case 51 ->
          new LogRecord.CopyDeleted(
              machine(in), in.getLong(), BlockClass.of(in.get()), name(in), in.getLong(), flag(in));
      case 52 ->
          new LogRecord.DeleteCommitted(machine(in), in.getLong(), in.getLong(), in.getLong());
      case 53 -> new LogRecord.DeleteUndone(machine(in), in.getLong(), in.getLong());
      case 54 -> new LogRecord.DeleteExpired(machine(in), in.getLong(), in.getLong());
      case 60 ->
          new LogRecord.CopyFreed(
              machine(in),
              BlockClass.of(in.get()),
              name(in),
              in.getLong(),
              in.getInt(),
              in.getLong());
      case 61 -> retired(in);
      case 62 -> new LogRecord.CleaningBegun(in.getInt(), in.getLong());
      case 63 ->
          new LogRecord.CopyMoved(
              machine(in),
              in.getLong(),
              BlockClass.of(in.get()),
              name(in),
              length(in),
              in.getInt(),
              in.getLong(),
              in.getLong());
      case 64 -> restated(in);
      case 71 -> new LogRecord.Digest(new StateDigest(in.getLong(), in.getLong()));
      default ->
          throw new CorruptException(
              "record of kind " + kind + " is unknown: this log needs a newer Holdfast");
    };
  }

  private static void writeKept(
      ByteBuffer out,
      MachineId machine,
      long begun,
      BlockName root,
      long sequence,
      long time,
      BlockName replaced) {
    put(out, machine.bytes()).putLong(begun);
    put(out, root.bytes()).putLong(sequence).putLong(time);
    put(out, replaced.bytes());
  }

  private static boolean flag(ByteBuffer in) throws CorruptException {
    int flag = in.get();
    if (flag != 0 && flag != 1) {
      throw new CorruptException("a flag of " + flag);
    }
    return flag == 1;
  }

  private static LogRecord retired(ByteBuffer in) throws CorruptException {
    LogRecord.SegmentsRetired retired =
        new LogRecord.SegmentsRetired(in.getInt(), in.getLong(), in.getLong());
    if (retired.epoch() < 1 || retired.first() < 1 || retired.last() < retired.first()) {
      throw new CorruptException("segments are retired that cannot be");
    }
    return retired;
  }

  private static LogRecord restated(ByteBuffer in) throws CorruptException {
    int length = Short.toUnsignedInt(in.getShort());
    if (length > in.remaining()) {
      throw new CorruptException("a key of " + length + " bytes");
    }
    Bytes key = bytes(in, length);
    return new LogRecord.RowRestated(
        key, flag(in) ? Optional.of(bytes(in, in.remaining())) : Optional.empty());
  }

  private static void writeKeys(List<LogRecord.Credential> keys, ByteBuffer out) {
    Invariant.check(keys.size() <= Right.values().length, "one key for each right");
    out.put((byte) keys.size());
    for (LogRecord.Credential key : keys) {
      put(out.put((byte) key.right().code()), key.publicKey());
    }
  }

  private static List<LogRecord.Credential> keys(ByteBuffer in) throws CorruptException {
    int count = in.get();
    if (count < 0 || count > Right.values().length) {
      throw new CorruptException("a machine has " + count + " keys");
    }
    List<LogRecord.Credential> keys = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      keys.add(new LogRecord.Credential(Right.of(in.get()), bytes(in, 32)));
    }
    return keys;
  }

  private static int length(ByteBuffer in) throws CorruptException {
    int length = in.getInt();
    if (length < 0 || length > Segment.DATA_LENGTH_MAX) {
      throw new CorruptException("a block of " + Integer.toUnsignedString(length) + " bytes");
    }
    return length;
  }

  private static ByteBuffer put(ByteBuffer out, Bytes bytes) {
    return bytes.putInto(out);
  }

  private static ByteBuffer putText(ByteBuffer out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Invariant.check(bytes.length <= TEXT_LENGTH_MAX, "a text in a record is bounded");
    return out.putShort((short) bytes.length).put(bytes);
  }

  private static String text(ByteBuffer in) throws CorruptException {
    int length = Short.toUnsignedInt(in.getShort());
    if (length > TEXT_LENGTH_MAX || length > in.remaining()) {
      throw new CorruptException("a text of " + length + " bytes");
    }
    ByteBuffer text = in.slice(in.position(), length);
    in.position(in.position() + length);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(text).toString();
    } catch (CharacterCodingException e) {
      throw new CorruptException("a text that is not UTF-8", e);
    }
  }

  private static MachineId machine(ByteBuffer in) {
    return new MachineId(bytes(in, MachineId.LENGTH));
  }

  private static AccountId account(ByteBuffer in) {
    return new AccountId(bytes(in, AccountId.LENGTH));
  }

  private static InviteId invite(ByteBuffer in) {
    return new InviteId(bytes(in, InviteId.LENGTH));
  }

  private static BlockName name(ByteBuffer in) {
    return new BlockName(bytes(in, BlockName.LENGTH));
  }

  private static Bytes bytes(ByteBuffer in, int length) {
    byte[] bytes = new byte[length];
    in.get(bytes);
    return Bytes.wrap(bytes);
  }
}
