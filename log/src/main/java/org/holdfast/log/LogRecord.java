package org.holdfast.log;

import java.util.List;
import java.util.Optional;
import org.holdfast.core.AccountId;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.InviteId;
import org.holdfast.core.MachineId;
import org.holdfast.core.Right;
import org.holdfast.core.TransactionId;

/// One item of the log, without its number. Byte layouts: `docs/format.md`, "Records".
///
/// A transaction is named by `begun`, the number of the record that began it.
public sealed interface LogRecord {
  /// How many bytes of data lie in the segment for it.
  default int dataLength() {
    return 0;
  }

  /// A term of ownership starts.
  record EpochBegun(int epoch, Bytes owner, long timeMillis) implements LogRecord {}

  /// A term of ownership is over. Only in a seal.
  record EpochSealed(int nextEpoch, Bytes sealedBy) implements LogRecord {}

  /// Somebody who pays.
  record AccountOpened(AccountId account, String name) implements LogRecord {}

  /// A machine may be registered once; the secret itself is not kept.
  record InviteMade(
      InviteId invite, AccountId account, Bytes secretHash, String machineName, long expiryMillis)
      implements LogRecord {}

  /// A machine's credentials are known from here on, and its invite is used.
  record MachineRegistered(
      MachineId machine, AccountId account, InviteId invite, String name, List<Credential> keys)
      implements LogRecord {
    public MachineRegistered {
      keys = List.copyOf(keys);
    }
  }

  /// A machine belongs to another account from here on, with all that it holds and has under way.
  record MachineMoved(MachineId machine, AccountId from, AccountId to, long timeMillis)
      implements LogRecord {}

  /// A write transaction starts; the one that `ended` began (0: none) was open and is over.
  record WriteBegun(MachineId machine, TransactionId transaction, long ended)
      implements LogRecord {}

  /// A block, with its data.
  record BlockStored(
      MachineId machine, long begun, BlockClass kind, BlockName name, int length, int crc)
      implements LogRecord {
    @Override
    public int dataLength() {
      return length;
    }
  }

  /// As [BlockStored], of a block whose copy that record `damaged` stored cannot be read.
  record BlockStoredAgain(
      MachineId machine,
      long begun,
      BlockClass kind,
      BlockName name,
      int length,
      int crc,
      long damaged)
      implements LogRecord {
    @Override
    public int dataLength() {
      return length;
    }
  }

  /// What the transaction has stored so far is kept, as a partial archive. The one with the root
  /// `replaced` (zeros: none) is gone.
  record Checkpoint(
      MachineId machine,
      long begun,
      BlockName root,
      long sequence,
      long timeMillis,
      BlockName replaced)
      implements LogRecord {}

  /// What the transaction has stored is kept. The partial archive with the root `replaced` (zeros:
  /// none) is gone.
  record Committed(
      MachineId machine,
      long begun,
      BlockName root,
      long sequence,
      long timeMillis,
      BlockName replaced)
      implements LogRecord {}

  /// What a write transaction has stored since its last checkpoint is garbage; what a delete
  /// transaction has named stays.
  record Cancelled(MachineId machine, long begun) implements LogRecord {}

  /// Nothing is left to be freed of a cancelled transaction or an expired deletion.
  record TransactionCleared(MachineId machine, long begun) implements LogRecord {}

  /// A delete transaction starts; the one that `ended` began (0: none) was open and is over.
  record DeleteBegun(MachineId machine, TransactionId transaction, long ended)
      implements LogRecord {}

  /// The deletion takes the copy of the block that record `stored` stored; or has taken it, which
  /// is said `again`.
  record CopyDeleted(
      MachineId machine, long begun, BlockClass kind, BlockName name, long stored, boolean again)
      implements LogRecord {
    /// The same, said again.
    public CopyDeleted saidAgain() {
      return new CopyDeleted(machine, begun, kind, name, stored, true);
    }
  }

  /// What the deletion has taken is hidden, and comes back if it is undone until then.
  record DeleteCommitted(MachineId machine, long begun, long timeMillis, long untilMillis)
      implements LogRecord {}

  /// What the deletion has taken is there again.
  record DeleteUndone(MachineId machine, long begun, long timeMillis) implements LogRecord {}

  /// What the deletion has taken is garbage.
  record DeleteExpired(MachineId machine, long begun, long timeMillis) implements LogRecord {}

  /// The copy of the block that record `stored` stored is gone; it lay in that segment.
  record CopyFreed(
      MachineId machine, BlockClass kind, BlockName name, long stored, int epoch, long segment)
      implements LogRecord {}

  /// These segments of one epoch, from the first to the last, do not count any more.
  record SegmentsRetired(int epoch, long first, long last) implements LogRecord {
    public SegmentRange range(int shard) {
      return new SegmentRange(
          new SegmentId(shard, epoch, first), new SegmentId(shard, epoch, last));
    }
  }

  /// What lives in the segment is appended again from here on.
  record CleaningBegun(int epoch, long segment) implements LogRecord {}

  /// The copy of the block that record `stored` stored, as it is now, lies here from now on.
  record CopyMoved(
      MachineId machine,
      long begun,
      BlockClass kind,
      BlockName name,
      int length,
      int crc,
      long stored,
      long deletedBy)
      implements LogRecord {
    @Override
    public int dataLength() {
      return length;
    }
  }

  /// What a row is now; without a value there is none.
  record RowRestated(Bytes key, Optional<Bytes> value) implements LogRecord {}

  /// What a replayer's state must sum up to just before this record.
  record Digest(StateDigest digest) implements LogRecord {}

  /// The public half of the key that proves a right: 32 bytes, Ed25519.
  record Credential(Right right, Bytes publicKey) {}
}
