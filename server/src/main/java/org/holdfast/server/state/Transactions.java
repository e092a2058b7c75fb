package org.holdfast.server.state;

import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.MachineId;
import org.holdfast.log.LogRecord;
import org.holdfast.server.state.DeletionRow.Stage;
import org.holdfast.server.state.MachineRow.Transaction;

/// Write and delete transactions, the archives they leave, and how records change them.
///
/// Not thread-safe: the shard's owner calls every method.
final class Transactions {
  private final Rows rows;
  private final Machines machines;
  private final Fitting fitting;
  private final Visibility visibility;

  Transactions(Rows rows, Machines machines, Fitting fitting) {
    this.rows = rows;
    this.machines = machines;
    this.fitting = fitting;
    this.visibility = new Visibility(rows::get);
  }

  void writeBegun(long number, LogRecord.WriteBegun begun) throws CorruptException {
    MachineRow machine = begun(number, begun.machine(), begun.ended());
    rows.put(Keys.unfinished(begun.machine(), number), UnfinishedRow.BEGUN.encode());
    Transaction open = new Transaction(begun.transaction(), number);
    machines.put(begun.machine(), machine.withOpen(open, false));
  }

  void checkpoint(long number, LogRecord.Checkpoint made) throws CorruptException {
    MachineRow machine = fitting.writing(number, made.machine(), made.begun());
    fitting.check(made.sequence() == machine.sequence() + 1, number, "sequence");
    fitting.check(mayBecome(made.machine(), made.root(), made.begun()), number, "root");
    dropPartial(number, made.machine(), made.begun(), made.replaced());
    rows.put(
        Keys.archive(made.machine(), made.root()),
        new ArchiveRow(made.begun(), made.sequence(), made.timeMillis(), true).encode());
    rows.put(
        Keys.unfinished(made.machine(), made.begun()),
        new UnfinishedRow(false, number, made.root(), made.sequence()).encode());
  }

  void committed(long number, LogRecord.Committed made) throws CorruptException {
    MachineRow machine = fitting.writing(number, made.machine(), made.begun());
    dropPartial(number, made.machine(), made.begun(), made.replaced());
    rows.delete(Keys.unfinished(made.machine(), made.begun()));
    MachineRow after = machine.withCommitted(machine.open());
    if (!made.root().equals(MachineRow.NO_ROOT)) {
      fitting.check(made.sequence() == machine.sequence() + 1, number, "sequence");
      fitting.check(mayBecome(made.machine(), made.root(), made.begun()), number, "root");
      after = after.withArchive(made.sequence(), made.root());
      rows.put(
          Keys.archive(made.machine(), made.root()),
          new ArchiveRow(made.begun(), made.sequence(), made.timeMillis(), false).encode());
    }
    machines.put(made.machine(), after);
  }

  void cancelled(long number, LogRecord.Cancelled made) throws CorruptException {
    MachineRow machine = fitting.open(number, made.machine(), made.begun());
    machines.put(made.machine(), end(made.machine(), machine, made.begun()));
  }

  void deleteBegun(long number, LogRecord.DeleteBegun begun) throws CorruptException {
    MachineRow machine = begun(number, begun.machine(), begun.ended());
    put(begun.machine(), number, DeletionRow.begun(begun.transaction()));
    Transaction open = new Transaction(begun.transaction(), number);
    machines.put(begun.machine(), machine.withOpen(open, true));
  }

  void deleteCommitted(long number, LogRecord.DeleteCommitted made) throws CorruptException {
    MachineRow machine = fitting.deleting(number, made.machine(), made.begun());
    change(
        number,
        made.machine(),
        made.begun(),
        Stage.OPEN,
        row -> row.committed(made.timeMillis(), made.untilMillis()));
    machines.put(made.machine(), machine.withCommitted(machine.open()));
  }

  void deleteUndone(long number, LogRecord.DeleteUndone made) throws CorruptException {
    change(
        number,
        made.machine(),
        made.begun(),
        Stage.COMMITTED,
        row -> row.ended(Stage.UNDONE, made.timeMillis()));
  }

  void deleteExpired(long number, LogRecord.DeleteExpired made) throws CorruptException {
    change(
        number,
        made.machine(),
        made.begun(),
        Stage.COMMITTED,
        row -> row.ended(Stage.EXPIRED, made.timeMillis()));
  }

  void cleared(long number, LogRecord.TransactionCleared made) throws CorruptException {
    boolean isUndone =
        deletion(made.machine(), made.begun())
            .filter(row -> row.stage() == Stage.UNDONE)
            .isPresent();
    fitting.check(
        isUndone || isGarbage(made.machine(), made.begun()), number, "transaction cleared");
    rows.delete(Keys.unfinished(made.machine(), made.begun()));
    rows.delete(Keys.deletion(made.machine(), made.begun()));
  }

  /// Whether it is a cancelled write transaction or an expired deletion.
  boolean isGarbage(MachineId machine, long begun) {
    return visibility.unfinished(machine, begun).filter(UnfinishedRow::cancelled).isPresent()
        || visibility
            .deletion(machine, begun)
            .filter(row -> row.stage() == Stage.EXPIRED)
            .isPresent();
  }

  Optional<DeletionRow> deletion(MachineId machine, long begun) {
    return visibility.deletion(machine, begun);
  }

  /// The machine's deletions by their beginnings.
  SortedMap<Long, DeletionRow> deletions(MachineId machine) {
    Bytes prefix = Keys.deletions(machine);
    SortedMap<Long, DeletionRow> all = new TreeMap<>();
    rows.listed(prefix)
        .forEach(
            (key, value) -> all.put(Keys.number(key, prefix.length()), DeletionRow.decode(value)));
    return all;
  }

  /// Whether the root may become an archive of the transaction that began with record `begun`: it
  /// must not be that of another archive, which would vanish.
  boolean mayBecome(MachineId machine, BlockName root, long begun) {
    return rows.get(Keys.archive(machine, root))
        .map(ArchiveRow::decode)
        .filter(row -> row.begun() != begun)
        .isEmpty();
  }

  /// The root of the partial archive that the transaction which began with record `begun` has left
  /// so far; zeros if there is none.
  BlockName partial(MachineId machine, long begun) {
    return visibility
        .unfinished(machine, begun)
        .map(UnfinishedRow::root)
        .orElse(MachineRow.NO_ROOT);
  }

  private MachineRow begun(long number, MachineId id, long ended) throws CorruptException {
    MachineRow machine = fitting.known(number, id);
    fitting.check(machine.open().begun() == ended, number, "transaction that ends");
    return end(id, machine, ended);
  }

  /// The machine without the transaction that `begun` began (0: none). A write's last checkpoint
  /// stays as an archive, of a deletion nothing.
  private MachineRow end(MachineId id, MachineRow machine, long begun) {
    MachineRow after = machine.withOpen(Transaction.NONE, false);
    if (visibility.deletion(id, begun).filter(row -> row.stage() == Stage.OPEN).isPresent()) {
      rows.delete(Keys.deletion(id, begun));
    }
    Optional<UnfinishedRow> write = visibility.unfinished(id, begun);
    if (write.isPresent()) {
      rows.put(Keys.unfinished(id, begun), write.get().cancel().encode());
    }
    return write
        .filter(UnfinishedRow::hasArchive)
        .map(row -> after.withArchive(row.sequence(), row.root()))
        .orElse(after);
  }

  private void dropPartial(long number, MachineId machine, long begun, BlockName replaced)
      throws CorruptException {
    fitting.check(
        partial(machine, begun).equals(replaced), number, "partial archive that is replaced");
    if (!replaced.equals(MachineRow.NO_ROOT)) {
      rows.delete(Keys.archive(machine, replaced));
    }
  }

  private void change(
      long number, MachineId machine, long begun, Stage stage, UnaryOperator<DeletionRow> how)
      throws CorruptException {
    Optional<DeletionRow> row = visibility.deletion(machine, begun);
    fitting.check(row.isPresent() && row.get().stage() == stage, number, "deletion");
    row.ifPresent(before -> put(machine, begun, how.apply(before)));
  }

  private void put(MachineId machine, long begun, DeletionRow row) {
    rows.put(Keys.deletion(machine, begun), row.encode());
  }
}
