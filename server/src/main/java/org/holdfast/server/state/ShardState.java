package org.holdfast.server.state;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.holdfast.core.AccountId;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.Invariant;
import org.holdfast.core.InviteId;
import org.holdfast.core.MachineId;
import org.holdfast.core.Spawner;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogRecord;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;
import org.holdfast.log.SegmentRange;
import org.holdfast.log.StateDigest;
import org.holdfast.server.index.Batch;
import org.holdfast.server.index.Index;
import org.jspecify.annotations.Nullable;

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
  private final Holes holes;
  private final Cleanings cleanings;
  private final Fitting fitting;
  private final Copies copies;
  private final Transactions transactions;
  private Position position;
  private boolean isBehindHole;

  /// Not null while blocks are left out.
  private @Nullable DeferredCopies deferred;

  private ShardState(int shard, Index index, Position position, Misfits misfits) {
    this.shard = shard;
    this.index = index;
    this.rows = new Rows(index, position.rows());
    this.machines = new Machines(rows);
    this.holes = new Holes(rows);
    this.cleanings = new Cleanings(shard, rows, holes);
    this.fitting = new Fitting(shard, machines, holes, misfits);
    this.copies = new Copies(rows, machines, fitting);
    this.transactions = new Transactions(rows, machines, fitting);
    this.position = position;
  }

  /// The state as of the index's position.
  public static ShardState open(int shard, Index index) {
    return open(shard, index, Misfits.STOP);
  }

  /// As [#open(int, Index)], for a recovery that may go on with what does not fit.
  public static ShardState open(int shard, Index index, Misfits misfits) {
    return new ShardState(shard, index, position(index), misfits);
  }

  /// The empty state of an empty index, to which records of chunks, pages and runs are applied as
  /// [BlockRun]s until [#complete]: there are no rows of them, and digests do not fit
  /// (`docs/recovery.md`).
  public static ShardState outline(int shard, Index index) {
    ShardState state = open(shard, index);
    Invariant.check(state.position.epoch() == 0, "an outline begins with nothing");
    state.deferred = new DeferredCopies(state.rows, state.fitting);
    return state;
  }

  /// The record up to which a machine's totals are known in an outline; 0: none.
  public long restatedAt(MachineId machine) {
    return deferred == null ? 0 : deferred.restatedAt(machine);
  }

  /// Every block's rows are in the index, and these are their sums. What follows is applied as
  /// ever.
  public void complete(BlockSums sums) throws CorruptException {
    Invariant.check(deferred != null, "an outline is completed once");
    deferred = null;
    for (var each : sums.machines().entrySet()) {
      MachineRow row = machines.get(each.getKey()).orElse(MachineRow.UNKNOWN);
      machines.put(each.getKey(), row.plus(each.getValue().blocks(), each.getValue().bytes()));
    }
    copies.loaded(sums.dead());
    rows.loaded(sums.rows());
  }

  /// How far an index has come.
  public static Position position(Index index) {
    byte[] value = index.get(Keys.POSITION.toArray());
    return value == null ? Position.START : Position.decode(value);
  }

  /// What the index's rows are now, read from all of them. Equal to what its position says unless
  /// the disk has lost or changed something.
  public static Fingerprint scan(Index index, Spawner spawner) {
    RowSums sums = new RowSums(spawner);
    index.scan(new byte[0], sums);
    return sums.sum();
  }

  /// The last segment that was ended, and the number of the record to come.
  public Position position() {
    return position;
  }

  /// Applies a record that stands in the segment. Throws [CorruptException] if it cannot follow
  /// what was applied before.
  public void apply(LogEntry entry, SegmentId segment) throws CorruptException {
    checkFollows(entry.number(), segment);
    applyItem(entry, segment);
    applied(entry.number());
  }

  /// As [#apply(LogEntry, SegmentId)], of what an outline leaves out.
  public void apply(BlockRun run, SegmentId segment) throws CorruptException {
    DeferredCopies outlined = deferred;
    if (outlined == null) {
      throw new IllegalStateException("blocks are left out of an outline alone");
    }
    checkFollows(run.first(), segment);
    outlined.apply(run);
    applied(run.last());
  }

  private void applied(long number) {
    isBehindHole = false;
    position = new Position(position.epoch(), position.segment(), number + 1, position.rows());
  }

  private void checkFollows(long number, SegmentId segment) throws CorruptException {
    boolean follows =
        isBehindHole ? number >= position.nextRecord() : number == position.nextRecord();
    if (!follows) {
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
  }

  private void applyItem(LogEntry entry, SegmentId segment) throws CorruptException {
    long number = entry.number();
    switch (entry.item()) {
      case LogRecord.EpochBegun r -> fitting.check(r.epoch() == segment.epoch(), number, "epoch");
      case LogRecord.EpochSealed _ ->
          throw new CorruptException(segment + ": a seal is not replayed");
      case LogRecord.AccountOpened r ->
          rows.put(Keys.account(r.account()), new AccountRow(number, r.name()).encode());
      case LogRecord.InviteMade r -> inviteMade(number, r);
      case LogRecord.MachineRegistered r -> registered(number, r);
      case LogRecord.MachineMoved r -> moved(number, r);
      case LogRecord.WriteBegun r -> transactions.writeBegun(number, r);
      case LogRecord.BlockStored r -> copies.stored(entry, r, segment);
      case LogRecord.BlockStoredAgain r -> copies.storedAgain(entry, r, segment);
      case LogRecord.Checkpoint r -> transactions.checkpoint(number, r);
      case LogRecord.Committed r -> transactions.committed(number, r);
      case LogRecord.Cancelled r -> transactions.cancelled(number, r);
      case LogRecord.TransactionCleared r -> transactions.cleared(number, r);
      case LogRecord.DeleteBegun r -> transactions.deleteBegun(number, r);
      case LogRecord.CopyDeleted r -> copies.deleted(number, r);
      case LogRecord.DeleteCommitted r -> transactions.deleteCommitted(number, r);
      case LogRecord.DeleteUndone r -> transactions.deleteUndone(number, r);
      case LogRecord.DeleteExpired r -> transactions.deleteExpired(number, r);
      case LogRecord.CopyFreed r -> copies.freed(number, r, segment);
      case LogRecord.SegmentsRetired r -> retired(r);
      case LogRecord.CleaningBegun r -> cleanings.begun(r);
      case LogRecord.CopyMoved r -> copies.moved(entry, r, segment);
      case LogRecord.RowRestated r -> restated(number, r);
      case LogRecord.Digest r ->
          fitting.check(
              Check.DIGEST, deferred != null || r.digest().equals(digest()), number, "digest");
    }
  }

  /// A replay passes these segments without them: they are absent. What it applies next need not
  /// fit until records have retired all that are absent.
  public void absent(SegmentRange range) {
    holes.add(range);
    isBehindHole = true;
  }

  /// Whether segments are absent right before the record to come.
  public boolean isBehindHole() {
    return isBehindHole;
  }

  /// Whether the state is not what it was, because of segments that are absent.
  public boolean hasHoles() {
    return holes.isOpen();
  }

  /// The segments that are absent and that no record has retired, in the order of the log.
  public List<SegmentRange> holes() {
    return holes.ranges();
  }

  /// Whether the index is that of a replay which had holes when it was left.
  public static boolean isIncomplete(Index index) {
    return index.get(Keys.INCOMPLETE.toArray()) != null;
  }

  /// Empties an index, which is incomplete from the first row on, and says how far it had come to
  /// the last.
  public static void clear(Index index) {
    Batch first = new Batch();
    first.put(Keys.INCOMPLETE.toArray(), new byte[] {1});
    index.write(first);
    byte[] from = new byte[0];
    for (List<Index.Row> page = index.page(from, from, 10_000);
        !page.isEmpty();
        page = index.page(from, page.getLast().key(), 10_000)) {
      Batch batch = new Batch();
      page.stream()
          .map(row -> Bytes.wrap(row.key()))
          .filter(key -> !key.equals(Keys.INCOMPLETE) && !key.equals(Keys.POSITION))
          .forEach(key -> batch.delete(key.toArray()));
      index.write(batch);
    }
    Batch last = new Batch();
    last.delete(Keys.POSITION.toArray());
    last.delete(Keys.INCOMPLETE.toArray());
    index.write(last);
  }

  /// Every record of the segment has been applied.
  public void endSegment(SegmentHeader header) {
    endSegment(header.id(), header.headerLength(), header.dataLength());
  }

  /// As [#endSegment(SegmentHeader)]; lengths in bytes.
  public void endSegment(SegmentId id, int headerLength, int dataLength) {
    copies.endSegment(id, headerLength, dataLength);
    position = new Position(id.epoch(), id.number(), position.nextRecord(), fingerprint());
    rows.put(Keys.POSITION, position.encode());
    rows.endGeneration(id);
  }

  /// The segment is in the bucket: its changes go to the index.
  public void durable(SegmentId segment) {
    rows.durable(List.of(segment));
  }

  /// These segments are in the bucket, all of them: the index is told once.
  public void durable(List<SegmentId> segments) {
    rows.durable(segments);
  }

  /// Goes back to what is durable: to the index.
  public void forgetPending() {
    machines.forget();
    copies.forget();
    position = rows.forgetPending();
    cleanings.forget();
  }

  /// A number that equal states share, as of the last record applied.
  public StateDigest digest() {
    return fingerprint().digest();
  }

  private Fingerprint fingerprint() {
    machines.settle();
    return rows.fingerprint();
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

  /// The block, if it is committed, or was stored by the transaction that began with record `begun`
  /// (0: no transaction), and is not deleted.
  public Optional<BlockRow> visible(
      MachineId machine, BlockClass kind, BlockName name, long begun) {
    return copies.visible(machine, kind, name, begun);
  }

  /// As [#visible], of the copies that are meant.
  public Optional<BlockRow> visible(
      MachineId machine, BlockClass kind, BlockName name, long begun, Predicate<BlockRow> isMeant) {
    return copies.visible(machine, kind, name, begun, isMeant);
  }

  /// Whether a copy that is meant is visible, as far as changes that are not durable yet have to do
  /// with it; empty if they have not, so that [DurableState] has the answer.
  public Optional<Boolean> recentlyVisible(
      MachineId machine, BlockClass kind, BlockName name, long begun, Predicate<BlockRow> isMeant) {
    // A deletion that is committed but not durable hides what the index shows.
    boolean isRecent =
        rows.isPending(Keys.block(machine, kind, name))
            || rows.isListedPending(Keys.deletions(machine));
    return isRecent
        ? Optional.of(visible(machine, kind, name, begun, isMeant).isPresent())
        : Optional.empty();
  }

  /// The records that stored the copies of the block which the deletion that began with record
  /// `begun` has not taken yet.
  public List<Long> deletable(MachineId machine, BlockClass kind, BlockName name, long begun) {
    return copies.deletable(machine, kind, name, begun);
  }

  /// The copy of the block that record `stored` stored.
  public Optional<BlockRow> copy(MachineId machine, BlockClass kind, BlockName name, long stored) {
    return copies.copy(machine, kind, name, stored);
  }

  /// As [#copy], if it may be freed.
  public Optional<BlockRow> garbage(
      MachineId machine, BlockClass kind, BlockName name, long stored) {
    return copies.garbage(machine, kind, name, stored);
  }

  /// The root of the partial archive that the transaction which began with record `begun` has left
  /// so far; zeros if there is none.
  public BlockName partial(MachineId machine, long begun) {
    return transactions.partial(machine, begun);
  }

  /// How many bytes of the segment's data live.
  public long liveBytes(SegmentId id) {
    return rows.get(Keys.segment(id.epoch(), id.number()))
        .map(row -> SegmentRow.decode(row).liveLength())
        .orElse(0L);
  }

  /// The retired neighbours of a retired segment, with itself.
  public Optional<SegmentRange> retired(SegmentId id) {
    return cleanings.retired(id);
  }

  /// Whether the cleaning of the segment was begun and not ended.
  public boolean isCleaning(SegmentId id) {
    return cleanings.isBegun(id);
  }

  /// Whether the cleaning of any other segment was begun and not ended.
  public boolean isCleaningOther(SegmentId id) {
    return cleanings.hasOther(id);
  }

  /// Whether it is the key of an archive's row.
  public static boolean isArchive(Bytes key) {
    return Keys.isArchive(key);
  }

  /// A row of the kinds that are restated, as it is now.
  public Optional<Bytes> row(Bytes key) throws CorruptException {
    if (Keys.isMachine(key)) {
      return machine(Keys.machine(key)).map(row -> Bytes.wrap(row.encode()));
    }
    return rows.get(key).map(Bytes::wrap);
  }

  /// Whether the transaction is a cancelled write transaction or an expired deletion.
  public boolean isGarbage(MachineId machine, long begun) {
    return transactions.isGarbage(machine, begun);
  }

  public Optional<DeletionRow> deletion(MachineId machine, long begun) {
    return transactions.deletion(machine, begun);
  }

  /// The machine's deletions by the records that began them.
  public SortedMap<Long, DeletionRow> deletions(MachineId machine) {
    return transactions.deletions(machine);
  }

  /// What is durable of this state, for one request of any thread.
  public DurableState durable() {
    return new DurableState(index);
  }

  /// Whether the root may become an archive of the transaction that began with record `begun`: it
  /// must not be that of another archive, which would vanish.
  public boolean mayBecome(MachineId machine, BlockName root, long begun) {
    return transactions.mayBecome(machine, root, begun);
  }

  private void inviteMade(long number, LogRecord.InviteMade made) throws CorruptException {
    fitting.check(account(made.account()).isPresent(), number, "account of an invite");
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
    fitting.check(invite.isPresent() && invite.get().usedBy().isEmpty(), number, "invite");
    fitting.check(machine(made.machine()).isEmpty(), number, "registration");
    invite.ifPresent(
        row -> rows.put(Keys.invite(made.invite()), row.usedBy(made.machine()).encode()));
    machines.put(
        made.machine(),
        MachineRow.registered(number, made.account(), made.invite(), made.name(), made.keys()));
  }

  private void moved(long number, LogRecord.MachineMoved made) throws CorruptException {
    MachineRow machine = fitting.known(number, made.machine());
    boolean isFrom = machine.account().equals(made.from());
    fitting.check(Check.OWNER, isFrom, number, "account of a machine");
    fitting.check(Check.OWNER, !made.from().equals(made.to()), number, "the same account");
    boolean isKnown = account(made.to()).isPresent();
    fitting.check(Check.OWNER, isKnown, number, "account of a move");
    if (isKnown || holes.isOpen()) {
      machines.put(made.machine(), machine.withAccount(made.to()));
    }
  }

  private void retired(LogRecord.SegmentsRetired made) {
    for (SegmentRange range : cleanings.retired(made)) {
      copies.retired(range);
    }
  }

  private void restated(long number, LogRecord.RowRestated made) throws CorruptException {
    Bytes key = made.key();
    fitting.check(Keys.isRestated(key), number, "kind of row");
    boolean isOutlined = deferred != null && Keys.isMachine(key);
    fitting.check(isOutlined || row(key).equals(made.value()), number, "row");
    if (!holes.isOpen()) {
      return;
    }
    if (deferred != null && isOutlined) {
      deferred.restated(Keys.machine(key), number);
    }
    if (Keys.isMachine(key) && made.value().isPresent()) {
      machines.put(Keys.machine(key), MachineRow.decode(made.value().get().toArray()));
    } else if (made.value().isPresent()) {
      rows.put(key, made.value().get().toArray());
    } else {
      rows.delete(key);
    }
  }

  /// The segment that should have come next, where this one does not fit.
  public SegmentId missingBefore(SegmentId segment) {
    if (position.epoch() == 0 || (position.epoch() < segment.epoch() && segment.number() > 1)) {
      return SegmentId.first(shard, segment.epoch());
    }
    return position.segmentId(shard).next();
  }

  private static Bytes tail(Bytes key, int from) {
    Invariant.check(from < key.length(), "a row's key is longer than its prefix");
    return Bytes.copyOf(key.toArray(), from, key.length());
  }
}
