package org.holdfast.server.state;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.holdfast.core.AccountId;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.InviteId;
import org.holdfast.core.Right;
import org.holdfast.core.TransactionId;
import org.holdfast.log.LogRecord.Credential;

/// A machine: who it is, how far it has come, and how much it keeps. `bytes` counts sealed blocks.
///
/// `account` may change; `invite` is the one that it was registered with, of whichever account.
///
/// `deleting` says whether the open transaction is a delete transaction. `sequence` and `lastRoot`
/// are those of the newest archive that no open transaction can change.
public record MachineRow(
    long record,
    AccountId account,
    InviteId invite,
    String name,
    List<Credential> keys,
    Transaction committed,
    Transaction open,
    boolean deleting,
    long sequence,
    BlockName lastRoot,
    long blocks,
    long bytes) {
  /// Stands where there is no root.
  public static final BlockName NO_ROOT = BlockName.of(new byte[BlockName.LENGTH]);

  /// Stands, while a replay has holes, for one whose registration is in a hole.
  static final MachineRow UNKNOWN =
      registered(
          0,
          AccountId.of(new byte[AccountId.LENGTH]),
          InviteId.of(new byte[InviteId.LENGTH]),
          "",
          List.of());

  public MachineRow {
    keys = List.copyOf(keys);
  }

  static MachineRow registered(
      long record, AccountId account, InviteId invite, String name, List<Credential> keys) {
    return new MachineRow(
        record,
        account,
        invite,
        name,
        keys,
        Transaction.NONE,
        Transaction.NONE,
        false,
        0,
        NO_ROOT,
        0,
        0);
  }

  /// The public key that proves this right, if the machine has one.
  public Optional<Bytes> key(Right right) {
    return keys.stream().filter(key -> key.right() == right).map(Credential::publicKey).findFirst();
  }

  MachineRow withAccount(AccountId other) {
    return new MachineRow(
        record, other, invite, name, keys, committed, open, deleting, sequence, lastRoot, blocks,
        bytes);
  }

  MachineRow withOpen(Transaction transaction, boolean isDeletion) {
    return new MachineRow(
        record,
        account,
        invite,
        name,
        keys,
        committed,
        transaction,
        isDeletion,
        sequence,
        lastRoot,
        blocks,
        bytes);
  }

  MachineRow withCommitted(Transaction transaction) {
    return new MachineRow(
        record,
        account,
        invite,
        name,
        keys,
        transaction,
        Transaction.NONE,
        false,
        sequence,
        lastRoot,
        blocks,
        bytes);
  }

  MachineRow withArchive(long newSequence, BlockName root) {
    return new MachineRow(
        record,
        account,
        invite,
        name,
        keys,
        committed,
        open,
        deleting,
        newSequence,
        root,
        blocks,
        bytes);
  }

  MachineRow plus(long moreBlocks, long moreBytes) {
    return new MachineRow(
        record,
        account,
        invite,
        name,
        keys,
        committed,
        open,
        deleting,
        sequence,
        lastRoot,
        blocks + moreBlocks,
        bytes + moreBytes);
  }

  byte[] encode() {
    byte[] text = RowCodec.utf8(name);
    ByteBuffer out = ByteBuffer.allocate(148 + text.length + keys.size() * 33).putLong(record);
    RowCodec.put(RowCodec.put(out, account.bytes()), invite.bytes());
    out.putShort((short) text.length).put(text).put((byte) keys.size());
    keys.forEach(key -> RowCodec.put(out.put((byte) key.right().code()), key.publicKey()));
    RowCodec.put(out, committed.id().bytes()).putLong(committed.begun());
    out.put((byte) (open.isNone() ? 0 : deleting ? 2 : 1));
    RowCodec.put(out, open.id().bytes()).putLong(open.begun());
    RowCodec.put(out.putLong(sequence), lastRoot.bytes());
    return out.putLong(blocks).putLong(bytes).array();
  }

  static MachineRow decode(byte[] value) throws CorruptException {
    ByteBuffer in = ByteBuffer.wrap(value);
    long record = in.getLong();
    AccountId account = new AccountId(RowCodec.bytes(in, AccountId.LENGTH));
    InviteId invite = new InviteId(RowCodec.bytes(in, InviteId.LENGTH));
    String name = RowCodec.text(in);
    int count = in.get();
    List<Credential> keys = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      keys.add(new Credential(Right.of(in.get()), RowCodec.bytes(in, 32)));
    }
    Transaction committed = Transaction.read(in);
    boolean deleting = in.get() == 2;
    return new MachineRow(
        record,
        account,
        invite,
        name,
        keys,
        committed,
        Transaction.read(in),
        deleting,
        in.getLong(),
        new BlockName(RowCodec.bytes(in, BlockName.LENGTH)),
        in.getLong(),
        in.getLong());
  }

  /// A transaction by the client's name for it and the number of the record that began it.
  public record Transaction(TransactionId id, long begun) {
    /// Stands where there is none.
    public static final Transaction NONE =
        new Transaction(TransactionId.of(new byte[TransactionId.LENGTH]), 0);

    public boolean isNone() {
      return begun == 0;
    }

    static Transaction read(ByteBuffer in) {
      return new Transaction(
          new TransactionId(RowCodec.bytes(in, TransactionId.LENGTH)), in.getLong());
    }
  }
}
