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
import org.holdfast.core.Right;
import org.holdfast.core.TransactionId;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogRecord;
import org.holdfast.protocol.BlockBytes;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.Message;
import org.holdfast.server.shard.ShardService;

/// Random work of several machines on a shard, and a model of what must be there afterwards.
final class History {
  private final Random random;
  private final List<Machine> machines = new ArrayList<>();
  private ShardService shard;

  History(long seed) {
    random = new Random(seed);
  }

  void on(ShardService service) {
    shard = service;
  }

  /// Does so many things, or fewer if the shard stops.
  void run(int steps) throws HoldfastException {
    try {
      for (int i = 0; i < steps; i++) {
        step();
      }
    } catch (UnavailableException e) {
      // The process is dead as far as clients can tell.
    }
  }

  private void step() throws HoldfastException {
    if (machines.isEmpty() || (machines.size() < 4 && random.nextInt(12) == 0)) {
      register();
      return;
    }
    Machine machine = machines.get(random.nextInt(machines.size()));
    if (!machine.registered) {
      return;
    }
    switch (random.nextInt(10)) {
      case 0 -> machine.begin();
      case 1 -> machine.resume();
      case 2, 3, 4 -> machine.store();
      case 5 -> machine.storeAgain();
      case 6 -> machine.keep(true);
      case 7 -> machine.cancel();
      case 8 -> machine.repeatCommit();
      default -> machine.keep(false);
    }
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
  }

  /// Everything that was acknowledged is there, and nothing that nobody has kept.
  void check() throws HoldfastException {
    for (Machine machine : machines) {
      if (machine.registered) {
        machine.check();
      }
    }
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

    Work(TransactionId id, long sequence) {
      this.id = id;
      this.sequence = sequence;
    }

    int tried() {
      return keeps.isEmpty() ? 0 : keeps.getLast().blocks;
    }
  }

  private final class Machine {
    final MachineId id = new MachineId(draw(16));
    final List<Work> transactions = new ArrayList<>();
    boolean registered;
    private Work open;
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
      if (other == open || at < other.tried()) {
        send(refs.get(at), bytes);
        return;
      }
      send(refs.get(at), bytes);
      other.blocks.remove(refs.get(at));
      open.blocks.put(refs.get(at), bytes);
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
        shard.checkpoint(new Message.Checkpoint(id, open.id, root, open.sequence));
      } else {
        shard.commit(new Message.Commit(id, open.id, root, open.sequence));
        committed = open.id;
        committedKeep = keep;
        open = null;
      }
      keep.acknowledged = true;
    }

    void repeatCommit() throws HoldfastException {
      if (committed != null) {
        shard.commit(new Message.Commit(id, committed, committedKeep.root, committedKeep.sequence));
      }
    }

    void cancel() throws HoldfastException {
      if (open != null) {
        Work cancelled = open;
        open = null;
        shard.cancel(new Message.Cancel(id, cancelled.id));
      }
    }

    void check() throws HoldfastException {
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
        checkKept(work, found);
      }
      assertThat(listed).as("archives that nobody made").isEmpty();
    }

    private void checkKept(Work work, Keep found) throws HoldfastException {
      int last = -1;
      for (int i = 0; i < work.keeps.size(); i++) {
        last = work.keeps.get(i).acknowledged ? i : last;
      }
      if (last >= 0) {
        assertThat(found).as("an acknowledged archive").isNotNull();
      }
      int at = found == null ? -1 : work.keeps.indexOf(found);
      assertThat(at).as("no older archive than the acknowledged one").isGreaterThanOrEqualTo(last);
      Map<BlockRef, byte[]> there = FetchedBlocks.of(shard, id, List.copyOf(work.blocks.keySet()));
      int number = 0;
      for (var block : work.blocks.entrySet()) {
        if (found != null && number < found.blocks) {
          assertThat(there.get(block.getKey())).as("a kept block").isEqualTo(block.getValue());
        } else {
          assertThat(there).as("a block nobody kept").doesNotContainKey(block.getKey());
        }
        number++;
      }
    }
  }
}
