package org.holdfast.server.state;

import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.holdfast.core.AccountId;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.Invariant;
import org.holdfast.core.InviteId;
import org.holdfast.core.MachineId;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogRecord;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;
import org.holdfast.log.StateDigest;
import org.holdfast.server.index.Index;
import org.holdfast.server.state.MachineRow.Transaction;

/// A shard's state: a function of its records.
///
/// Live service, replay and drill all call [#apply] with the same records in the same order and
/// come to the same [#digest]. It owns no thread, no clock and no network; what it checks holds for
/// every log that this program writes, so that a record which fails a check stops whoever applies
/// it.
///
/// Not thread-safe: the shard's owner calls every method but [#durable].
public final class ShardState {
  private final int shard;
  private final Index index;
  private final Rows rows;
  private final Machines machines;
  private Position position;

  private ShardState(int shard, Index index, Position position) {
    this.shard = shard;
    this.index = index;
    this.rows = new Rows(index, position.digest());
    this.machines = new Machines(rows);
    this.position = position;
  }

  /// The state as of the index's position.
  public static ShardState open(int shard, Index index) {
    return new ShardState(shard, index, position(index));
  }

  /// How far an index has come.
  public static Position position(Index index) {
    byte[] value = index.get(Keys.POSITION.toArray());
    return value == null ? Position.START : Position.decode(value);
  }

  /// The digest that the index's rows have now, read from all of them. Equal to the one at its
  /// position unless the disk has changed something.
  public static StateDigest scan(Index index) {
    RowDigest hash = new RowDigest();
    StateDigest[] sum = {StateDigest.ZERO};
    index.scan(new byte[0], (key, value) -> sum[0] = sum[0].plus(hash.of(key, value)));
    return sum[0];
  }

  /// The last segment that was ended, and the number of the record to come.
  public Position position() {
    return position;
  }

  /// Applies a record that stands in the segment. Throws [CorruptException] if it cannot follow
  /// what was applied before.
  public void apply(LogEntry entry, SegmentId segment) throws CorruptException {
    long number = entry.number();
    if (number != position.nextRecord()) {
      SegmentId missing = missingBefore(segment);
      throw new CorruptException(
          segment
              + " begins with record "
              + number
              + " where "
              + position.nextRecord()
              + " should be: "
              + missing
              + " (object "
              + missing.key()
              + ") is missing from the bucket; restore it from a copy");
    }
    switch (entry.item()) {
      case LogRecord.EpochBegun r -> check(r.epoch() == segment.epoch(), number, "epoch");
      case LogRecord.EpochSealed _ ->
          throw new CorruptException(segment + ": a seal is not replayed");
      case LogRecord.AccountOpened r ->
          rows.put(Keys.account(r.account()), new AccountRow(number, r.name()).encode());
      case LogRecord.InviteMade r -> inviteMade(number, r);
      case LogRecord.MachineRegistered r -> registered(number, r);
      case LogRecord.WriteBegun r -> begun(number, r);
      case LogRecord.BlockStored r -> stored(number, r, segment, entry.dataOffset());
      case LogRecord.Checkpoint r -> checkpoint(number, r);
      case LogRecord.Committed r -> committed(number, r);
      case LogRecord.Cancelled r -> cancelled(number, r);
      case LogRecord.TransactionCleared _,
          LogRecord.DeleteBegun _,
          LogRecord.BlockDeleted _,
          LogRecord.DeleteCommitted _,
          LogRecord.DeleteUndone _,
          LogRecord.DeleteExpired _,
          LogRecord.BlockFreed _ ->
          throw new CorruptException("record " + number + " deletes, which is not known here");
      case LogRecord.Digest r -> check(r.digest().equals(digest()), number, "digest");
    }
    position = new Position(position.epoch(), position.segment(), number + 1, position.digest());
  }

  /// Every record of the segment has been applied.
  public void endSegment(SegmentHeader header) {
    SegmentId id = header.id();
    rows.put(
        Keys.segment(id.epoch(), id.number()),
        new SegmentRow(header.headerLength(), header.dataLength(), header.dataLength()).encode());
    position = new Position(id.epoch(), id.number(), position.nextRecord(), digest());
    rows.put(Keys.POSITION, position.encode());
    rows.endGeneration(id);
  }

  /// The segment is in the bucket: its changes go to the index.
  public void durable(SegmentId segment) {
    rows.durable(segment);
  }

  /// Goes back to what is durable: to the index.
  public void forgetPending() {
    machines.forget();
    position = rows.forgetPending();
  }

  /// A number that equal states share, as of the last record applied.
  public StateDigest digest() {
    machines.settle();
    return rows.digest();
  }

  public Optional<AccountRow> account(AccountId account) {
    return rows.get(Keys.account(account)).map(AccountRow::decode);
  }

  public SortedMap<AccountId, AccountRow> accounts() {
    SortedMap<AccountId, AccountRow> accounts = new TreeMap<>();
    rows.withPrefix(Bytes.copyOf(new byte[] {'a'}))
        .forEach(
            (key, value) -> accounts.put(new AccountId(tail(key, 1)), AccountRow.decode(value)));
    return accounts;
  }

  public Optional<InviteRow> invite(InviteId invite) {
    return rows.get(Keys.invite(invite)).map(InviteRow::decode);
  }

  public Optional<MachineRow> machine(MachineId machine) throws CorruptException {
    return machines.get(machine);
  }

  /// Whether something about the machine is not durable yet.
  public boolean isPending(MachineId machine) {
    return machines.isPending(machine);
  }

  public SortedMap<MachineId, MachineRow> machines() throws CorruptException {
    machines.settle();
    SortedMap<MachineId, MachineRow> all = new TreeMap<>();
    for (var row : rows.withPrefix(Bytes.copyOf(new byte[] {'m'})).entrySet()) {
      all.put(new MachineId(tail(row.getKey(), 1)), MachineRow.decode(row.getValue()));
    }
    return all;
  }

  /// The block, if it is committed or was stored by the transaction that began with record `begun`
  /// (0: no transaction).
  public Optional<BlockRow> visible(
      MachineId machine, BlockClass kind, BlockName name, long begun) {
    return rows.get(Keys.block(machine, kind, name))
        .map(BlockRow::decode)
        .filter(row -> row.begun() == begun || isKept(machine, row));
  }

  /// Whether the block is visible, by what is not durable yet alone; empty if that says nothing of
  /// the block, so that [DurableState] has the answer.
  public Optional<Boolean> recentlyVisible(
      MachineId machine, BlockClass kind, BlockName name, long begun) {
    return rows.recent(Keys.block(machine, kind, name))
        .map(recent ->
            recent
                .map(BlockRow::decode)
                .filter(row -> row.begun() == begun || isKept(machine, row))
                .isPresent());
  }

  /// What is durable of this state, for one request of any thread.
  public DurableState durable() {
    return new DurableState(index);
  }

  /// Whether the root may become an archive of the transaction that began with record `begun`: it
  /// must not be that of another archive, which would vanish.
  public boolean mayBecome(MachineId machine, BlockName root, long begun) {
    return rows.get(Keys.archive(machine, root))
        .map(ArchiveRow::decode)
        .filter(row -> row.begun() != begun)
        .isEmpty();
  }

  private boolean isKept(MachineId machine, BlockRow row) {
    Optional<UnfinishedRow> unfinished = unfinished(machine, row.begun());
    return unfinished.isEmpty() || row.record() <= unfinished.get().checkpoint();
  }

  private Optional<UnfinishedRow> unfinished(MachineId machine, long begun) {
    return rows.get(Keys.unfinished(machine, begun)).map(UnfinishedRow::decode);
  }

  private void inviteMade(long number, LogRecord.InviteMade made) throws CorruptException {
    check(account(made.account()).isPresent(), number, "account of an invite");
    InviteRow row =
        new InviteRow(
            number,
            made.account(),
            made.secretHash(),
            made.machineName(),
            made.expiryMillis(),
            Optional.empty());
    rows.put(Keys.invite(made.invite()), row.encode());
  }

  private void registered(long number, LogRecord.MachineRegistered made) throws CorruptException {
    Optional<InviteRow> invite = invite(made.invite());
    check(invite.isPresent() && invite.get().usedBy().isEmpty(), number, "invite");
    check(machine(made.machine()).isEmpty(), number, "registration");
    rows.put(Keys.invite(made.invite()), invite.orElseThrow().usedBy(made.machine()).encode());
    put(
        made.machine(),
        MachineRow.registered(number, made.account(), made.invite(), made.name(), made.keys()));
  }

  private void begun(long number, LogRecord.WriteBegun begun) throws CorruptException {
    MachineRow machine = abandon(begun.machine(), known(number, begun.machine()));
    rows.put(Keys.unfinished(begun.machine(), number), UnfinishedRow.BEGUN.encode());
    put(begun.machine(), machine.withOpen(new Transaction(begun.transaction(), number)));
  }

  private void stored(long number, LogRecord.BlockStored block, SegmentId segment, long dataOffset)
      throws CorruptException {
    MachineRow machine = open(number, block.machine(), block.begun());
    Bytes key = Keys.block(block.machine(), block.kind(), block.name());
    Optional<byte[]> before = rows.get(key);
    Optional<BlockRow> replaced = before.map(BlockRow::decode);
    check(
        replaced.isEmpty() || !isKept(block.machine(), replaced.get()),
        number,
        "block stored twice");
    BlockRow row =
        new BlockRow(
            number,
            block.begun(),
            block.length(),
            block.crc(),
            segment.epoch(),
            segment.number(),
            Math.toIntExact(dataOffset));
    rows.replace(key, before, row.encode());
    long newBlocks = replaced.isPresent() ? 0 : 1;
    long newBytes = block.length() - replaced.map(old -> (long) old.length()).orElse(0L);
    put(block.machine(), machine.plus(newBlocks, newBytes));
  }

  private void checkpoint(long number, LogRecord.Checkpoint made) throws CorruptException {
    MachineRow machine = open(number, made.machine(), made.begun());
    check(made.sequence() == machine.sequence() + 1, number, "sequence");
    check(mayBecome(made.machine(), made.root(), made.begun()), number, "root");
    dropPartial(made.machine(), made.begun());
    rows.put(
        Keys.archive(made.machine(), made.root()),
        new ArchiveRow(made.begun(), made.sequence(), made.timeMillis(), true).encode());
    rows.put(
        Keys.unfinished(made.machine(), made.begun()),
        new UnfinishedRow(false, number, made.root(), made.sequence()).encode());
  }

  private void committed(long number, LogRecord.Committed made) throws CorruptException {
    MachineRow machine = open(number, made.machine(), made.begun());
    dropPartial(made.machine(), made.begun());
    rows.delete(Keys.unfinished(made.machine(), made.begun()));
    MachineRow after = machine.withCommitted(machine.open());
    if (!made.root().equals(MachineRow.NO_ROOT)) {
      check(made.sequence() == machine.sequence() + 1, number, "sequence");
      check(mayBecome(made.machine(), made.root(), made.begun()), number, "root");
      after = after.withArchive(made.sequence(), made.root());
      rows.put(
          Keys.archive(made.machine(), made.root()),
          new ArchiveRow(made.begun(), made.sequence(), made.timeMillis(), false).encode());
    }
    put(made.machine(), after);
  }

  private void cancelled(long number, LogRecord.Cancelled made) throws CorruptException {
    put(made.machine(), abandon(made.machine(), open(number, made.machine(), made.begun())));
  }

  /// The machine without its open transaction, whose last checkpoint stays as an archive.
  private MachineRow abandon(MachineId id, MachineRow machine) {
    if (machine.open().isNone()) {
      return machine;
    }
    UnfinishedRow unfinished = unfinished(id, machine.open().begun()).orElseThrow();
    rows.put(Keys.unfinished(id, machine.open().begun()), unfinished.cancel().encode());
    MachineRow after = machine.withOpen(Transaction.NONE);
    return unfinished.hasArchive()
        ? after.withArchive(unfinished.sequence(), unfinished.root())
        : after;
  }

  private void dropPartial(MachineId machine, long begun) {
    unfinished(machine, begun)
        .filter(UnfinishedRow::hasArchive)
        .ifPresent(row -> rows.delete(Keys.archive(machine, row.root())));
  }

  /// The segment that should have come next, where this one does not fit.
  public SegmentId missingBefore(SegmentId segment) {
    if (position.epoch() == 0 || (position.epoch() < segment.epoch() && segment.number() > 1)) {
      return SegmentId.first(shard, segment.epoch());
    }
    return position.segmentId(shard).next();
  }

  private MachineRow known(long number, MachineId machine) throws CorruptException {
    Optional<MachineRow> row = machine(machine);
    check(row.isPresent(), number, "machine");
    return row.orElseThrow();
  }

  private MachineRow open(long number, MachineId id, long begun) throws CorruptException {
    MachineRow machine = known(number, id);
    check(begun != 0 && machine.open().begun() == begun, number, "transaction");
    return machine;
  }

  private void put(MachineId id, MachineRow row) {
    machines.put(id, row);
  }

  private void check(boolean holds, long number, String what) throws CorruptException {
    if (!holds) {
      throw new CorruptException(
          "record " + number + " of shard " + shard + " does not fit the state (" + what + ")");
    }
  }

  private static Bytes tail(Bytes key, int from) {
    Invariant.check(from < key.length(), "a row's key is longer than its prefix");
    return Bytes.copyOf(key.toArray(), from, key.length());
  }
}
