package org.holdfast.server.state;

import java.nio.ByteBuffer;
import org.holdfast.core.AccountId;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.InviteId;
import org.holdfast.core.MachineId;

/// The keys of the index's rows (`docs/format.md`, "Replay"). The first byte is the kind of row.
///
/// Rows of the logical state: `a` account, `i` invite, `m` machine, `b` block, `r` archive, `t`
/// unfinished transaction. Rows about the index itself: `s` segment, `z` position.
final class Keys {
  static final Bytes POSITION = Bytes.copyOf(new byte[] {'z'});

  static final Bytes SEGMENTS = Bytes.copyOf(new byte[] {'s'});

  private Keys() {}

  static Bytes account(AccountId account) {
    return key('a', account.bytes());
  }

  static Bytes invite(InviteId invite) {
    return key('i', invite.bytes());
  }

  static Bytes machine(MachineId machine) {
    return key('m', machine.bytes());
  }

  static Bytes block(MachineId machine, BlockClass kind, BlockName name) {
    byte[] key = new byte[1 + MachineId.LENGTH + 1 + BlockName.LENGTH];
    key[0] = 'b';
    machine.bytes().copyTo(key, 1);
    key[1 + MachineId.LENGTH] = (byte) kind.code();
    name.bytes().copyTo(key, 2 + MachineId.LENGTH);
    return Bytes.wrap(key);
  }

  static Bytes archive(MachineId machine, BlockName root) {
    byte[] key = new byte[1 + MachineId.LENGTH + BlockName.LENGTH];
    key[0] = 'r';
    machine.bytes().copyTo(key, 1);
    root.bytes().copyTo(key, 1 + MachineId.LENGTH);
    return Bytes.wrap(key);
  }

  static Bytes archives(MachineId machine) {
    return key('r', machine.bytes());
  }

  static Bytes unfinished(MachineId machine, long begun) {
    ByteBuffer key = ByteBuffer.allocate(1 + MachineId.LENGTH + Long.BYTES);
    return Bytes.wrap(key.put((byte) 't').put(machine.bytes().toArray()).putLong(begun).array());
  }

  static Bytes segment(int epoch, long number) {
    ByteBuffer key = ByteBuffer.allocate(1 + Integer.BYTES + Long.BYTES);
    return Bytes.wrap(key.put((byte) 's').putInt(epoch).putLong(number).array());
  }

  private static Bytes key(char kind, Bytes id) {
    byte[] key = new byte[1 + id.length()];
    key[0] = (byte) kind;
    id.copyTo(key, 1);
    return Bytes.wrap(key);
  }
}
