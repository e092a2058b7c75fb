package org.holdfast.server.state;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.holdfast.core.AccountId;
import org.holdfast.core.Bytes;
import org.holdfast.core.MachineId;

/// Leave to register one machine. `usedBy` is empty until somebody has.
public record InviteRow(
    long record,
    AccountId account,
    Bytes secretHash,
    String machineName,
    long expiryMillis,
    Optional<MachineId> usedBy) {
  private static final MachineId NOBODY = MachineId.of(new byte[MachineId.LENGTH]);

  InviteRow usedBy(MachineId machine) {
    return new InviteRow(
        record, account, secretHash, machineName, expiryMillis, Optional.of(machine));
  }

  InviteRow of(AccountId other) {
    return new InviteRow(record, other, secretHash, machineName, expiryMillis, usedBy);
  }

  byte[] encode() {
    byte[] text = RowCodec.utf8(machineName);
    ByteBuffer out = ByteBuffer.allocate(82 + text.length).putLong(record);
    RowCodec.put(RowCodec.put(out, account.bytes()), secretHash);
    out.putShort((short) text.length).put(text).putLong(expiryMillis);
    return RowCodec.put(out, usedBy.orElse(NOBODY).bytes()).array();
  }

  static InviteRow decode(byte[] value) {
    ByteBuffer in = ByteBuffer.wrap(value);
    return new InviteRow(
        in.getLong(),
        new AccountId(RowCodec.bytes(in, AccountId.LENGTH)),
        RowCodec.bytes(in, 32),
        RowCodec.text(in),
        in.getLong(),
        Optional.of(new MachineId(RowCodec.bytes(in, MachineId.LENGTH)))
            .filter(machine -> !machine.equals(NOBODY)));
  }
}
