package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.zip.CRC32C;
import org.holdfast.core.AccountId;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.InviteId;
import org.holdfast.core.MachineId;
import org.holdfast.core.Right;
import org.holdfast.core.TransactionId;
import org.holdfast.log.LogRecord;
import org.holdfast.protocol.BlockBytes;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.Message;
import org.holdfast.server.shard.DamageTold;
import org.holdfast.server.shard.ShardService;
import org.holdfast.server.state.ArchiveRow;
import org.holdfast.server.state.MachineRow;
import org.jspecify.annotations.Nullable;

/// A machine that backs up to whichever server it meets, to two at the same time if need be, and
/// keeps account of what it was told.
///
/// Its backups run on the threads of a [Stage], of which one is awake at a time but for moments:
/// the lock is for these.
final class Saver {
  final MachineId id;
  private final List<Work> works = new ArrayList<>();
  private final List<TransactionId> seen = new ArrayList<>();
  private final Map<BlockRef, byte[]> contents = new HashMap<>();

  Saver(Random random) {
    id = new MachineId(draw(random, 16));
  }

  /// One transaction, by one server or by several.
  private static final class Work {
    final TransactionId id;
    final List<Keep> keeps = new ArrayList<>();
    boolean givenUp;
    boolean cancelled;

    Work(TransactionId id) {
      this.id = id;
    }

    boolean isOpen() {
      return !givenUp && keeps.stream().noneMatch(keep -> keep.acknowledged && !keep.partial);
    }
  }

  /// One checkpoint or commit that was asked for.
  private static final class Keep {
    final BlockName root;
    final long sequence;
    final boolean partial;
    final TransactionId predecessor;
    final Set<BlockRef> blocks;
    boolean acknowledged;
    @Nullable ShardService by;

    Keep(
        BlockName root,
        long sequence,
        boolean partial,
        TransactionId predecessor,
        Set<BlockRef> blocks) {
      this.root = root;
      this.sequence = sequence;
      this.partial = partial;
      this.predecessor = predecessor;
      this.blocks = Set.copyOf(blocks);
    }
  }

  /// Registers; acknowledged when it returns.
  void register(Acknowledged told, ShardService shard, Random random) throws HoldfastException {
    AccountId account = new AccountId(draw(random, 16));
    InviteId invite = new InviteId(draw(random, 16));
    Bytes hash = draw(random, 32);
    var key = new LogRecord.Credential(Right.WRITE, draw(random, 32));
    told.by(() ->
        shard.write(_ ->
            List.of(
                new LogRecord.AccountOpened(account, "account"),
                new LogRecord.InviteMade(invite, account, hash, "", TestClock.START),
                new LogRecord.MachineRegistered(id, account, invite, "machine", List.of(key)))));
  }

  /// A backup, new or resumed, with checkpoints and an end. Throws where a client would go to
  /// another server, or begin again.
  void backUp(Acknowledged told, ShardService shard, Random random) throws HoldfastException {
    MachineRow row = observed(shard.machine(id));
    Work work = choose(random);
    TransactionId before = row.committed().id();
    boolean first = row.committed().isNone();
    shard.begin(new Message.Begin(id, work.id, first ? null : before));
    long sequence = observed(shard.machine(id)).sequence() + 1;
    Set<BlockRef> blocks = new LinkedHashSet<>();
    storeSome(shard, work, blocks, random);
    if (random.nextInt(3) == 0) {
      Keep keep = keep(shard, work, blocks, sequence, true, before, random);
      told.by(() ->
          shard.checkpoint(
              new Message.Checkpoint(id, work.id, keep.root, keep.sequence), new DamageTold()));
      acknowledge(keep, shard);
      storeSome(shard, work, blocks, random);
    }
    if (random.nextInt(8) == 0) {
      work.givenUp = true;
      told.by(() -> shard.cancel(new Message.Cancel(id, work.id)));
      work.cancelled = true;
      return;
    }
    Keep keep = keep(shard, work, blocks, sequence, false, before, random);
    var commit = new Message.Commit(id, work.id, keep.root, keep.sequence);
    told.by(() -> shard.commit(commit, new DamageTold()));
    acknowledge(keep, shard);
    if (random.nextInt(4) == 0) {
      // Nothing is written for it: a server that is fenced may repeat what is durable.
      shard.commit(commit, new DamageTold());
    }
  }

  /// Reads back something that this very server has acknowledged, if there is anything. It may know
  /// nothing of what others have acknowledged since.
  void restore(ShardService shard, Random random) throws HoldfastException {
    List<Keep> own = acknowledgedBy(shard);
    if (!own.isEmpty()) {
      checkBlocks(shard, own.get(random.nextInt(own.size())));
    }
  }

  private synchronized List<Keep> acknowledgedBy(ShardService shard) {
    return works.stream()
        .flatMap(work -> work.keeps.stream())
        .filter(keep -> keep.by == shard)
        .toList();
  }

  private synchronized MachineRow observed(MachineRow row) {
    if (!row.committed().isNone()) {
      seen.add(row.committed().id());
    }
    return row;
  }

  private synchronized Work choose(Random random) {
    // An id that another has followed is never used again: the server would take it for a new one.
    if (!works.isEmpty() && works.getLast().isOpen() && random.nextInt(3) > 0) {
      return works.getLast();
    }
    works.add(new Work(new TransactionId(draw(random, 16))));
    return works.getLast();
  }

  /// New blocks, and old ones that are stored where the server does not have them.
  private void storeSome(ShardService shard, Work work, Set<BlockRef> blocks, Random random)
      throws HoldfastException {
    for (int i = random.nextInt(3); i > 0; i--) {
      BlockRef fresh = new BlockRef(BlockClass.CHUNK, new BlockName(draw(random, 32)));
      byte[] bytes = draw(random, random.nextInt(1, 300)).toArray();
      synchronized (this) {
        contents.put(fresh, bytes);
      }
      send(shard, work, fresh, bytes);
      blocks.add(fresh);
    }
    List<BlockRef> old = known();
    for (int i = random.nextInt(4); i > 0 && !old.isEmpty(); i--) {
      BlockRef ref = old.get(random.nextInt(old.size()));
      BitSet there = shard.has(new Message.Has(id, work.id, ref.blockClass(), List.of(ref.name())));
      if (!there.get(0)) {
        send(shard, work, ref, content(ref));
      }
      blocks.add(ref);
    }
  }

  private synchronized List<BlockRef> known() {
    return contents.keySet().stream()
        .filter(ref -> ref.blockClass() == BlockClass.CHUNK)
        .sorted(java.util.Comparator.comparing(ref -> ref.name().toString()))
        .toList();
  }

  private synchronized byte[] content(BlockRef ref) {
    return contents.get(ref);
  }

  private Keep keep(
      ShardService shard,
      Work work,
      Set<BlockRef> blocks,
      long sequence,
      boolean partial,
      TransactionId before,
      Random random)
      throws HoldfastException {
    BlockRef root = new BlockRef(BlockClass.ROOT, new BlockName(draw(random, 32)));
    byte[] bytes = draw(random, 50).toArray();
    blocks.add(root);
    Keep keep = new Keep(root.name(), sequence, partial, before, blocks);
    synchronized (this) {
      contents.put(root, bytes);
      work.keeps.add(keep);
    }
    send(shard, work, root, bytes);
    return keep;
  }

  private synchronized void acknowledge(Keep keep, ShardService shard) {
    keep.acknowledged = true;
    keep.by = shard;
  }

  private void send(ShardService shard, Work work, BlockRef ref, byte[] bytes)
      throws HoldfastException {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    CompletableFuture<Void> stored =
        shard.store(
            new Message.Store(
                id, work.id, ref.blockClass(), ref.name(), BlockBytes.of(ByteBuffer.wrap(bytes))),
            (int) crc.getValue(),
            () -> false);
    try {
      stored.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof HoldfastException failure) {
        throw failure;
      }
      throw e;
    }
  }

  synchronized int acknowledged() {
    return (int)
        works.stream().flatMap(work -> work.keeps.stream()).filter(k -> k.acknowledged).count();
  }

  /// What a server that owns the shard now, and that has read all from the bucket, must say.
  synchronized void check(ShardService shard) throws HoldfastException {
    MachineRow row = shard.machine(id);
    Map<BlockName, ArchiveRow> listed =
        new HashMap<>(shard.durable(rows -> rows.archives(id, Optional.empty(), 10_000)));
    assertThat(listed.values()).extracting(ArchiveRow::sequence).doesNotHaveDuplicates();
    List<TransactionId> predecessors = new ArrayList<>();
    for (Work work : works) {
      Keep found = found(work, listed);
      checkWork(work, found);
      if (found != null) {
        checkBlocks(shard, found);
      }
      boolean committed = found != null && !found.partial;
      if (seen.contains(work.id)) {
        assertThat(committed).as("what a server said was committed").isTrue();
      }
      if (committed) {
        predecessors.add(found.predecessor);
      }
      if (work.cancelled) {
        assertThat(committed || row.open().id().equals(work.id)).as("cancelled").isFalse();
      }
    }
    assertThat(predecessors).as("one line of backups").doesNotHaveDuplicates();
    assertThat(listed).as("archives that nobody made").isEmpty();
  }

  private static Keep found(Work work, Map<BlockName, ArchiveRow> listed) {
    Keep found = null;
    for (Keep keep : work.keeps) {
      ArchiveRow row = listed.remove(keep.root);
      if (row != null) {
        assertThat(found).as("one archive for a transaction").isNull();
        assertThat(row.sequence()).isEqualTo(keep.sequence);
        assertThat(row.partial()).isEqualTo(keep.partial);
        found = keep;
      }
    }
    return found;
  }

  private static void checkWork(Work work, Keep found) {
    for (Keep keep : work.keeps) {
      if (keep.acknowledged) {
        assertThat(found).as("an acknowledged archive").isNotNull();
        assertThat(work.keeps.indexOf(found))
            .as("no older archive than the acknowledged one")
            .isGreaterThanOrEqualTo(work.keeps.indexOf(keep));
        assertThat(keep.partial || keep == found).as("a commit is the last word").isTrue();
      }
    }
  }

  private void checkBlocks(ShardService shard, Keep keep) throws HoldfastException {
    List<BlockRef> refs = List.copyOf(keep.blocks);
    Map<BlockRef, byte[]> there = FetchedBlocks.of(shard, id, refs);
    for (BlockRef ref : refs) {
      assertThat(there.get(ref)).as("a kept block").isEqualTo(content(ref));
    }
  }

  static Bytes draw(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return Bytes.wrap(bytes);
  }

  /// Hears of what a server acknowledges.
  interface Acknowledged {
    /// Hears nothing.
    Acknowledged AT_ONCE = Call::make;

    /// Makes the call; it was acknowledged if it returns.
    void by(Call call) throws HoldfastException;
  }

  interface Call {
    void make() throws HoldfastException;
  }
}
