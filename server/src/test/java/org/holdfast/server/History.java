package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.zip.CRC32C;
import org.holdfast.core.AccountId;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.ConflictException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.InviteId;
import org.holdfast.core.MachineId;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Right;
import org.holdfast.core.TransactionId;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogRecord;
import org.holdfast.protocol.BlockBytes;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.Message;
import org.holdfast.server.shard.DamageTold;
import org.holdfast.server.shard.DeleteService;
import org.holdfast.server.shard.ShardService;
import org.holdfast.server.state.DeletionRow.Stage;

/// Random work of several machines on a shard, and a model of what must be there afterwards.
final class History {
  private final Random random;
  private final Random moving;
  private final List<Machine> machines = new ArrayList<>();
  private final List<AccountId> accounts = new ArrayList<>();
  private final TestClock clock;
  private ShardService shard;
  private int moves;

  History(long seed, TestClock clock) {
    random = new Random(seed);
    moving = new Random(~seed);
    this.clock = clock;
  }

  void on(ShardService service) {
    shard = service;
  }

  /// Does so many things, or fewer if the shard stops.
  void run(int steps) throws HoldfastException, InterruptedException {
    try {
      for (int i = 0; i < steps; i++) {
        step();
      }
    } catch (UnavailableException e) {
      // The process is dead as far as clients can tell.
    }
  }

  private void step() throws HoldfastException, InterruptedException {
    if (machines.isEmpty() || (machines.size() < 4 && random.nextInt(12) == 0)) {
      register();
      return;
    }
    Machine machine = machines.get(random.nextInt(machines.size()));
    if (!machine.registered) {
      return;
    }
    if (random.nextInt(40) == 0) {
      shard.freeing().round();
    }
    if (random.nextInt(40) == 0) {
      clock.sleepMillis(Service.Terms.GRACE_MILLIS / 3);
    }
    if (random.nextInt(25) == 0) {
      clean();
    }
    if (moving.nextInt(12) == 0) {
      move(machine);
    }
    switch (random.nextInt(15)) {
      case 0 -> machine.begin();
      case 1 -> machine.resume();
      case 2, 3, 4 -> machine.store();
      case 5 -> machine.storeAgain();
      case 6 -> machine.keep(true);
      case 7 -> machine.cancel();
      case 8 -> machine.repeatCommit();
      case 9, 10 -> machine.delete();
      case 11 -> machine.undelete();
      case 12, 13 -> machine.storeHidden();
      default -> machine.keep(false);
    }
  }

  private void clean() throws HoldfastException {
    for (int i = 0; i < 10 && shard.cleaner().orElseThrow().round(); i++) {
      // One more.
    }
  }

  /// Whatever it holds and has open: also to an account that has no other machine, and back.
  private void move(Machine machine) throws HoldfastException {
    AccountId to = accounts.get(moving.nextInt(accounts.size()));
    AccountId from = machine.account;
    if (!to.equals(from)) {
      machine.isAccountSure = false;
      machine.account = to;
      shard.write(
          _ -> List.of(new LogRecord.MachineMoved(machine.id, from, to, clock.wallMillis())));
      machine.isAccountSure = true;
      moves++;
    }
  }

  /// One machine keeps so many blocks whose names, which it chooses, begin alike.
  void keepAlike(int blocks) throws HoldfastException {
    machines.getFirst().keepAlike(blocks);
  }

  /// A new machine keeps so many small blocks, one behind the other.
  void keepMany(int blocks) throws HoldfastException {
    register();
    machines.getLast().keepMany(blocks);
  }

  /// Somebody else has moved it.
  void moved(MachineId id, AccountId to) {
    machines.stream().filter(each -> each.id.equals(id)).forEach(each -> each.account = to);
  }

  /// How often a machine was moved.
  int moves() {
    return moves;
  }

  private void register() throws HoldfastException {
    Machine machine = new Machine();
    machines.add(machine);
    AccountId account = new AccountId(draw(16));
    InviteId invite = new InviteId(draw(16));
    shard.write(_ ->
        List.of(
            new LogRecord.AccountOpened(account, "account " + machines.size()),
            new LogRecord.InviteMade(invite, account, draw(32), "", TestClock.START)));
    var key = new LogRecord.Credential(Right.WRITE, draw(32));
    shard.write(_ ->
        List.of(
            new LogRecord.MachineRegistered(machine.id, account, invite, "machine", List.of(key))));
    machine.registered = true;
    machine.account = account;
    accounts.add(account);
  }

  /// Everything that was acknowledged is there, and nothing that nobody has kept.
  void check() throws HoldfastException {
    for (Machine machine : machines) {
      if (machine.registered) {
        machine.check();
      }
    }
  }

  /// Bytes of the copies that are kept and not deleted, once all others are freed.
  long kept() {
    return machines.stream().mapToLong(Machine::kept).sum();
  }

  int acknowledged() {
    return machines.stream()
        .flatMap(machine -> machine.transactions.stream())
        .mapToInt(each -> (int) each.keeps.stream().filter(keep -> keep.acknowledged).count())
        .sum();
  }

  private Bytes draw(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return Bytes.wrap(bytes);
  }

  /// What was kept under one root: all blocks of the transaction up to then.
  private static final class Keep {
    final BlockName root;
    final long sequence;
    final boolean partial;
    final int blocks;
    boolean acknowledged;

    Keep(BlockName root, long sequence, boolean partial, int blocks) {
      this.root = root;
      this.sequence = sequence;
      this.partial = partial;
      this.blocks = blocks;
    }
  }

  private static final class Work {
    final TransactionId id;
    final long sequence;
    final List<Keep> keeps = new ArrayList<>();
    final LinkedHashMap<BlockRef, byte[]> blocks = new LinkedHashMap<>();
    final Map<BlockRef, Removal> removed = new HashMap<>();

    Work(TransactionId id, long sequence) {
      this.id = id;
      this.sequence = sequence;
    }

    boolean keeps(BlockRef ref) {
      return List.copyOf(blocks.keySet()).indexOf(ref) < tried() && blocks.containsKey(ref);
    }

    /// The last that was; null if none was.
    Keep acknowledged() {
      return keeps.stream()
          .filter(keep -> keep.acknowledged)
          .reduce((_, next) -> next)
          .orElse(null);
    }

    int tried() {
      return keeps.isEmpty() ? 0 : keeps.getLast().blocks;
    }
  }

  /// A deletion, as far as it was acknowledged; where that is not known, the server says.
  private static final class Removal {
    final TransactionId id;
    Stage stage = Stage.OPEN;
    boolean isSure = true;
    boolean isForgotten;
    long untilMillis;

    Removal(TransactionId id) {
      this.id = id;
    }

    boolean hides() {
      return stage == Stage.COMMITTED || stage == Stage.EXPIRED;
    }
  }

  private final class Machine {
    final MachineId id = new MachineId(draw(16));
    final List<Work> transactions = new ArrayList<>();
    boolean registered;
    private AccountId account;
    private boolean isAccountSure = true;
    private Work open;
    private final List<Removal> removals = new ArrayList<>();
    private TransactionId committed;
    private Keep committedKeep;

    void begin() throws HoldfastException {
      // The old one's partial archive counts, so the sequence goes on from what the server says.
      Work next = new Work(new TransactionId(draw(16)), -1);
      assertThat(shard.begin(new Message.Begin(id, next.id, committed))).isFalse();
      long sequence = shard.machine(id).sequence() + 1;
      open = new Work(next.id, sequence);
      transactions.add(open);
      try {
        shard.begin(new Message.Begin(id, new TransactionId(draw(16)), open.id));
        throw new AssertionError("a wrong predecessor was accepted");
      } catch (ConflictException e) {
        // As it should be.
      }
    }

    void resume() throws HoldfastException {
      if (open != null) {
        assertThat(shard.begin(new Message.Begin(id, open.id, committed))).isTrue();
      }
    }

    void store() throws HoldfastException {
      if (open == null) {
        begin();
      }
      for (int i = random.nextInt(4); i >= 0; i--) {
        byte[] bytes = draw(random.nextInt(1, 3000)).toArray();
        put(new BlockRef(BlockClass.CHUNK, new BlockName(draw(32))), bytes);
      }
    }

    /// A block that was stored before, by this transaction or another, kept or not.
    void storeAgain() throws HoldfastException {
      if (open == null || transactions.isEmpty()) {
        return;
      }
      Work other = transactions.get(random.nextInt(transactions.size()));
      if (other.blocks.isEmpty()) {
        return;
      }
      List<BlockRef> refs = List.copyOf(other.blocks.keySet());
      int at = random.nextInt(refs.size());
      byte[] bytes = other.blocks.get(refs.get(at));
      BlockRef ref = refs.get(at);
      if (open.blocks.containsKey(ref) || isVisible(ref)) {
        send(ref, bytes);
        return;
      }
      open.blocks.put(ref, bytes);
      send(ref, bytes);
    }

    void keepAlike(int blocks) throws HoldfastException {
      begin();
      for (int i = 0; i < blocks; i++) {
        byte[] name = ByteBuffer.allocate(BlockName.LENGTH).putInt(BlockName.LENGTH - 4, i).array();
        put(new BlockRef(BlockClass.CHUNK, new BlockName(Bytes.wrap(name))), new byte[] {1});
      }
      keep(false);
    }

    void keepMany(int blocks) throws HoldfastException {
      begin();
      for (int i = 0; i < blocks; i++) {
        put(new BlockRef(BlockClass.CHUNK, new BlockName(draw(32))), new byte[] {1});
      }
      keep(false);
    }

    private void put(BlockRef ref, byte[] bytes) throws HoldfastException {
      open.blocks.put(ref, bytes);
      send(ref, bytes);
    }

    private void send(BlockRef ref, byte[] bytes) throws HoldfastException {
      CRC32C crc = new CRC32C();
      crc.update(bytes);
      var store =
          new Message.Store(
              id, open.id, ref.blockClass(), ref.name(), BlockBytes.of(ByteBuffer.wrap(bytes)));
      try {
        shard.store(store, (int) crc.getValue(), () -> false).join();
      } catch (java.util.concurrent.CompletionException e) {
        if (e.getCause() instanceof HoldfastException failure) {
          throw failure;
        }
        throw e;
      }
    }

    void keep(boolean partial) throws HoldfastException {
      if (open == null) {
        return;
      }
      BlockName root = new BlockName(draw(32));
      put(new BlockRef(BlockClass.ROOT, root), draw(random.nextInt(1, 200)).toArray());
      Keep keep = new Keep(root, open.sequence, partial, open.blocks.size());
      open.keeps.add(keep);
      if (partial) {
        shard.checkpoint(
            new Message.Checkpoint(id, open.id, root, open.sequence), new DamageTold());
      } else {
        shard.commit(new Message.Commit(id, open.id, root, open.sequence), new DamageTold());
        committed = open.id;
        committedKeep = keep;
        open = null;
      }
      keep.acknowledged = true;
    }

    void repeatCommit() throws HoldfastException {
      if (committed != null && committedKeep != null) {
        shard.commit(
            new Message.Commit(id, committed, committedKeep.root, committedKeep.sequence),
            new DamageTold());
      }
    }

    void cancel() throws HoldfastException {
      if (open != null) {
        Work cancelled = open;
        open = null;
        shard.cancel(new Message.Cancel(id, cancelled.id));
      }
    }

    /// Names some blocks that are there, some that are not, and everything now and then.
    void delete() throws HoldfastException {
      Removal removal = new Removal(new TransactionId(draw(16)));
      DeleteService deletes = shard.deletes();
      assertThat(deletes.begin(new Message.BeginDelete(id, removal.id, committed, true))).isFalse();
      assertThat(deletes.begin(new Message.BeginDelete(id, removal.id, committed, true))).isTrue();
      open = null;
      if (random.nextInt(8) == 0) {
        deletes.deleteAll(new Message.DeleteAll(id, removal.id), () -> false);
        for (Work work : transactions) {
          work.blocks.keySet().forEach(ref -> remove(ref, removal));
        }
      } else {
        for (Work work : transactions) {
          for (BlockRef ref : work.blocks.keySet()) {
            if (random.nextInt(4) == 0) {
              List<BlockName> names = List.of(ref.name());
              var request = new Message.Delete(id, removal.id, ref.blockClass(), names);
              deletes.delete(request, () -> false);
              deletes.delete(request, () -> false);
              remove(ref, removal);
            }
          }
        }
      }
      switch (random.nextInt(6)) {
        case 0 -> deletes.cancel(new Message.CancelDelete(id, removal.id));
        case 1 -> {}
        default -> commit(removal);
      }
    }

    private void commit(Removal removal) throws HoldfastException {
      removals.add(removal);
      removal.isSure = false;
      var request = new Message.CommitDelete(id, removal.id);
      removal.untilMillis = shard.deletes().commit(request);
      assertThat(shard.deletes().commit(request)).isEqualTo(removal.untilMillis);
      removal.isSure = true;
      removal.stage = Stage.COMMITTED;
      committed = removal.id;
      committedKeep = null;
    }

    private void remove(BlockRef ref, Removal by) {
      for (Work work : transactions) {
        if (isVisible(work, ref)) {
          work.removed.put(ref, by);
        }
      }
    }

    /// A copy that counts as kept, of a deletion that hides nothing.
    private boolean isVisible(Work work, BlockRef ref) {
      Removal by = work.removed.get(ref);
      return work.keeps(ref) && (by == null || !by.hides());
    }

    private boolean isVisible(BlockRef ref) {
      return transactions.stream().anyMatch(work -> isVisible(work, ref));
    }

    long kept() {
      long sum = 0;
      for (Work work : transactions) {
        for (var block : work.blocks.entrySet()) {
          boolean isOpen = work == open && !work.keeps(block.getKey());
          sum += isOpen || isVisible(work, block.getKey()) ? block.getValue().length : 0;
        }
      }
      return sum;
    }

    void undelete() throws HoldfastException {
      if (removals.isEmpty()) {
        return;
      }
      learn();
      int at = random.nextInt(removals.size());
      Removal wanted = removals.get(at);
      List<Removal> undone =
          wanted.stage == Stage.COMMITTED
              ? removals.subList(at, removals.size()).stream()
                  .filter(each -> each.stage == Stage.COMMITTED)
                  .toList()
              : List.of();
      undone.forEach(each -> each.isSure = false);
      try {
        shard.deletes().undelete(new Message.Undelete(id, wanted.id));
        assertThat(wanted.stage).isNotEqualTo(Stage.EXPIRED);
        assertThat(wanted.isForgotten).isFalse();
      } catch (RefusedException e) {
        assertThat(wanted.isForgotten || wanted.stage == Stage.EXPIRED).isTrue();
      }
      undone.forEach(each -> {
        each.stage = Stage.UNDONE;
        each.isSure = true;
      });
    }

    /// A block that a deletion hides is stored by a backup that needs it again.
    void storeHidden() throws HoldfastException {
      if (open == null) {
        return;
      }
      for (Work work : transactions) {
        for (BlockRef ref : List.copyOf(work.blocks.keySet())) {
          boolean isHidden = work.keeps(ref) && !isVisible(ref);
          if (isHidden && ref.blockClass() == BlockClass.CHUNK && random.nextInt(3) == 0) {
            byte[] bytes = work.blocks.get(ref);
            if (!open.blocks.containsKey(ref)) {
              open.blocks.put(ref, bytes);
            }
            send(ref, bytes);
            return;
          }
        }
      }
    }

    /// What the server has made of deletions: those whose time is over it ends when it likes, in
    /// their order, and those that are not sure went either way.
    private void learn() throws HoldfastException {
      Map<TransactionId, Stage> stages = new HashMap<>();
      shard
          .read(state -> state.deletions(id))
          .values()
          .forEach(row -> stages.put(row.id(), row.stage()));
      boolean isUndoable = false;
      for (Removal each : removals) {
        Stage stage = stages.getOrDefault(each.id, Stage.EXPIRED);
        if (!each.isSure) {
          each.stage = stages.containsKey(each.id) ? stage : Stage.OPEN;
          each.isSure = true;
        }
        if (stage == Stage.EXPIRED && each.stage == Stage.COMMITTED) {
          assertThat(isUndoable).as("an earlier one can be undone").isFalse();
          assertThat(each.untilMillis).isLessThanOrEqualTo(clock.wallMillis());
          each.stage = stage;
        }
        if (each.stage == Stage.UNDONE && !stages.containsKey(each.id)) {
          assertThat(each.untilMillis).isLessThanOrEqualTo(clock.wallMillis());
          each.isForgotten = true;
          stage = Stage.UNDONE;
        }
        isUndoable |= each.stage == Stage.COMMITTED;
        assertThat(each.stage == Stage.OPEN ? Stage.OPEN : stage).isEqualTo(each.stage);
      }
    }

    void check() throws HoldfastException {
      AccountId now = shard.read(state -> state.machine(id).orElseThrow().account());
      account = isAccountSure ? account : now;
      isAccountSure = true;
      assertThat(now).as("the account").isEqualTo(account);
      learn();
      var deleted = shard.durable(rows -> rows.deleted(id, Optional.empty(), 10_000)).keySet();
      var listed =
          new HashMap<>(shard.durable(rows -> rows.archives(id, Optional.empty(), 10_000)));
      for (Work work : transactions) {
        Keep found = null;
        for (Keep keep : work.keeps) {
          var row = listed.remove(keep.root);
          if (row != null) {
            assertThat(found).as("one archive for each transaction").isNull();
            assertThat(row.sequence()).isEqualTo(keep.sequence);
            assertThat(row.partial()).isEqualTo(keep.partial);
            found = keep;
          }
        }
        Keep last = work.acknowledged();
        if (found == null && last != null) {
          BlockRef root = new BlockRef(BlockClass.ROOT, last.root);
          assertThat(isVisible(work, root))
              .as("an acknowledged archive that is not listed")
              .isFalse();
          assertThat(deleted.contains(last.root))
              .as("an archive that can be brought back is listed as deleted")
              .isEqualTo(work.removed.get(root).stage == Stage.COMMITTED);
          found = last;
        }
        checkAt(work, found);
      }
      assertThat(listed).as("archives that nobody made").isEmpty();
      checkBlocks();
    }

    private void checkAt(Work work, Keep found) {
      Keep last = work.acknowledged();
      int at = work.keeps.indexOf(found);
      assertThat(at)
          .as("no older archive than the acknowledged one")
          .isGreaterThanOrEqualTo(work.keeps.indexOf(last));
      // What was not acknowledged and did not come to be is forgotten.
      work.keeps.subList(at + 1, work.keeps.size()).clear();
    }

    private void checkBlocks() throws HoldfastException {
      Map<BlockRef, byte[]> bytes = new HashMap<>();
      transactions.forEach(work -> bytes.putAll(work.blocks));
      Map<BlockRef, byte[]> there = FetchedBlocks.of(shard, id, List.copyOf(bytes.keySet()));
      for (BlockRef ref : bytes.keySet()) {
        if (isVisible(ref)) {
          assertThat(there.get(ref)).as("a kept block").isEqualTo(bytes.get(ref));
        } else {
          assertThat(there).as("a block nobody kept, or deleted").doesNotContainKey(ref);
        }
      }
    }
  }
}
