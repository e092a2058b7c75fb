package org.holdfast.server.state;

import java.nio.ByteBuffer;
import org.holdfast.core.AccountId;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.InviteId;
import org.holdfast.core.MachineId;
import org.holdfast.log.SegmentId;

/// The keys of the index's rows (`docs/format.md`, "Replay"). The first byte is the kind of row.
///
/// Rows of the logical state: `a` account, `i` invite, `m` machine, `b` block, `o` older copy of a
/// block, `r` archive, `d` deletion, `t` unfinished transaction. Rows about the log and the index:
/// `s` segment, `x` retired segments, `c` segment being cleaned, `q` a replay has holes, `z`
/// position.
final class Keys {
  static final Bytes POSITION = Bytes.copyOf(new byte[] {'z'});

  static final Bytes INCOMPLETE = Bytes.copyOf(new byte[] {'q'});

  static final Bytes RETIRED = Bytes.copyOf(new byte[] {'x'});

  static final Bytes CLEANING = Bytes.copyOf(new byte[] {'c'});

  static final Bytes SEGMENTS = Bytes.copyOf(new byte[] {'s'});

  static final Bytes UNFINISHED = Bytes.copyOf(new byte[] {'t'});

  static final Bytes DELETIONS = Bytes.copyOf(new byte[] {'d'});

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

  /// All blocks of a machine.
  static Bytes blocks(MachineId machine) {
    return key('b', machine.bytes());
  }

  /// An older copy of a block, which that record stored.
  static Bytes older(MachineId machine, BlockClass kind, BlockName name, long record) {
    Bytes block = older(machine, kind, name);
    ByteBuffer key = ByteBuffer.allocate(block.length() + Long.BYTES);
    return Bytes.wrap(block.putInto(key).putLong(record).array());
  }

  /// All older copies of a block.
  static Bytes older(MachineId machine, BlockClass kind, BlockName name) {
    byte[] key = block(machine, kind, name).toArray();
    key[0] = 'o';
    return Bytes.wrap(key);
  }

  /// All older copies of a machine's blocks.
  static Bytes older(MachineId machine) {
    return key('o', machine.bytes());
  }

  static BlockClass kind(Bytes block) throws CorruptException {
    return BlockClass.of(block.at(1 + MachineId.LENGTH));
  }

  static BlockName name(Bytes block) {
    int from = 2 + MachineId.LENGTH;
    return new BlockName(Bytes.copyOf(block.toArray(), from, from + BlockName.LENGTH));
  }

  static MachineId machine(Bytes key) {
    return new MachineId(Bytes.copyOf(key.toArray(), 1, 1 + MachineId.LENGTH));
  }

  static long number(Bytes key, int from) {
    return ByteBuffer.wrap(key.toArray()).getLong(from);
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
    return transaction('t', machine, begun);
  }

  static Bytes deletion(MachineId machine, long begun) {
    return transaction('d', machine, begun);
  }

  static Bytes deletions(MachineId machine) {
    return key('d', machine.bytes());
  }

  private static Bytes transaction(char kind, MachineId machine, long begun) {
    ByteBuffer key = ByteBuffer.allocate(1 + MachineId.LENGTH + Long.BYTES).put((byte) kind);
    return Bytes.wrap(machine.bytes().putInto(key).putLong(begun).array());
  }

  static Bytes segment(int epoch, long number) {
    return segment('s', epoch, number);
  }

  /// Retired segments by the first of them.
  static Bytes retired(SegmentId first) {
    return segment('x', first.epoch(), first.number());
  }

  static Bytes cleaning(SegmentId id) {
    return segment('c', id.epoch(), id.number());
  }

  /// Whether rows of this kind are restated when a segment is cleaned.
  static boolean isRestated(Bytes key) {
    return key.length() > 0 && "aimrdt".indexOf(key.at(0)) >= 0;
  }

  /// Whether it is the row of an archive.
  static boolean isArchive(Bytes key) {
    return key.length() > 0 && key.at(0) == 'r';
  }

  static boolean isUnfinished(Bytes key) {
    return key.length() > 0 && key.at(0) == 't';
  }

  static boolean isMachine(Bytes key) {
    return key.length() > 0 && key.at(0) == 'm';
  }

  private static Bytes segment(char kind, int epoch, long number) {
    ByteBuffer key = ByteBuffer.allocate(1 + Integer.BYTES + Long.BYTES);
    return Bytes.wrap(key.put((byte) kind).putInt(epoch).putLong(number).array());
  }

  /// The segment that stands in a key.
  static SegmentId segment(int shard, Bytes key) {
    ByteBuffer in = ByteBuffer.wrap(key.toArray(), 1, key.length() - 1);
    return new SegmentId(shard, in.getInt(), in.getLong());
  }

  private static Bytes key(char kind, Bytes id) {
    byte[] key = new byte[1 + id.length()];
    key[0] = (byte) kind;
    id.copyTo(key, 1);
    return Bytes.wrap(key);
  }
}
