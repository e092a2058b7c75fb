package org.holdfast.client.backup;

import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.Spawner;
import org.holdfast.core.TransactionId;
import org.holdfast.core.UnavailableException;
import org.holdfast.protocol.Credit;
import org.holdfast.protocol.Session;
import org.holdfast.seal.BlockNamer;
import org.holdfast.seal.Run;
import org.holdfast.seal.Sealer;
import org.holdfast.seal.chunk.ChunkSizes;

/// Names blocks, finds out which of them are new, seals those and hands them to the server.
///
/// Each block is worked on by a thread of its own, as many at a time as their bytes fit into
/// [#IN_FLIGHT_LENGTH]; sealing, which holds buffers, is bounded by the number of processors. A
/// chunk's content is let go when it is sealed, and what it was sealed into when it is sent. The
/// first failure ends everything: each call after it throws it.
final class BlockStore implements AutoCloseable {
  /// Content on its way, in bytes: enough to keep both ends of a link of 50 ms and 200 Mbit/s busy
  /// many times over, and small beside what a client may use.
  private static final int IN_FLIGHT_LENGTH = 12 << 20;

  /// Names remembered to find repetition within a run; beyond that the server is asked.
  private static final int REMEMBERED_MAX = 200_000;

  private final Session session;
  private final MachineId machine;
  private final TransactionId transaction;
  private final BlockNamer namer;
  private final Run run;
  private final Spawner spawner;
  private final BackupProgress progress;
  private final Presence presence;
  private final boolean nothingThere;
  private final Credit inFlight = new Credit(IN_FLIGHT_LENGTH);
  private final Semaphore sealing;
  private final ChunkBuffers buffers = new ChunkBuffers(ChunkSizes.DEFAULT.max());
  private final SealedArrays arrays;
  private final Set<BlockName> stored = ConcurrentHashMap.newKeySet();
  private final AtomicLong newBytes = new AtomicLong();
  private final AtomicLong newBlocks = new AtomicLong();

  /// The threads at work, and who waits for them to end.
  private final Phaser workers = new Phaser(1);

  /// `nothingThere`: the server has no block of this machine at all, so it need not be asked.
  BlockStore(
      Session session,
      MachineId machine,
      TransactionId transaction,
      BlockNamer namer,
      Run run,
      boolean nothingThere,
      int processors,
      Spawner spawner,
      BackupProgress progress) {
    this.session = session;
    this.machine = machine;
    this.transaction = transaction;
    this.namer = namer;
    this.run = run;
    this.nothingThere = nothingThere;
    this.sealing = new Semaphore(processors);
    this.arrays = new SealedArrays(session.keepsBytes());
    this.spawner = spawner;
    this.progress = progress;
    this.presence = new Presence(session, machine, transaction, spawner);
  }

  /// Sealed bytes handed to the server so far.
  long newBytes() {
    return newBytes.get();
  }

  long newBlocks() {
    return newBlocks.get();
  }

  /// Stores the run's keys, without which nothing of this run can be opened.
  void storeRun() throws HoldfastException {
    put(BlockClass.RUN, run.blockName(), run.block());
  }

  /// What content is read into.
  ChunkBuffers buffers() {
    return buffers;
  }

  /// Takes a chunk of content on its way, which is in that part of a buffer; waits while too much
  /// is.
  PendingChunk chunk(ChunkBuffer buffer, int from, int to) throws HoldfastException {
    int length = to - from;
    inFlight.take(length);
    PendingChunk chunk = new PendingChunk();
    buffer.hold();
    spawn("chunk", length, () -> storeChunk(chunk, buffer, from, to), chunk);
    return chunk;
  }

  /// Takes a page or root on its way, and returns its name at once.
  BlockName pair(BlockClass blockClass, Bytes references, Bytes content) throws HoldfastException {
    byte[] referenceBytes = references.toArray();
    byte[] contentBytes = content.toArray();
    BlockName name = namer.pair(blockClass, referenceBytes, contentBytes);
    // A root may be longer than what is on its way otherwise.
    int length = Math.min(referenceBytes.length + contentBytes.length, IN_FLIGHT_LENGTH);
    inFlight.take(length);
    Task task =
        () -> {
          if (isNew(blockClass, name)) {
            put(
                blockClass,
                name,
                run.sealer().pair(blockClass, name, referenceBytes, contentBytes));
          }
        };
    spawn("page", length, task, new PendingChunk());
    return name;
  }

  /// What a page is stored under.
  BlockName pageName(Bytes references, Bytes content) {
    return namer.pair(BlockClass.PAGE, references.toArray(), content.toArray());
  }

  /// Waits until nothing is on its way.
  void drain() throws HoldfastException {
    inFlight.take(IN_FLIGHT_LENGTH);
    inFlight.give(IN_FLIGHT_LENGTH);
  }

  /// Waits for the threads at work: what they use is closed next.
  @Override
  public void close() {
    fail(new UnavailableException("the backup has ended"));
    workers.arriveAndAwaitAdvance();
    presence.close();
  }

  private void storeChunk(PendingChunk chunk, ChunkBuffer buffer, int from, int to)
      throws HoldfastException {
    BlockName name;
    Sealer.Sealed block;
    try {
      name = namer.chunk(buffer.bytes(), from, to);
      chunk.named(name);
      if (!isNew(BlockClass.CHUNK, name)) {
        return;
      }
      block = seal(name, buffer.bytes(), from, to);
    } finally {
      buffer.release();
    }
    put(BlockClass.CHUNK, name, ByteBuffer.wrap(block.bytes(), 0, block.length()));
    arrays.giveBack(block.bytes());
  }

  private Sealer.Sealed seal(BlockName name, byte[] content, int from, int to) {
    sealing.acquireUninterruptibly();
    try {
      return run.sealer().chunk(name, content, from, to, arrays::take);
    } finally {
      sealing.release();
    }
  }

  private boolean isNew(BlockClass blockClass, BlockName name) throws HoldfastException {
    if (stored.size() < REMEMBERED_MAX ? !stored.add(name) : stored.contains(name)) {
      return false;
    }
    if (nothingThere && stored.size() < REMEMBERED_MAX) {
      return true;
    }
    try {
      return !presence.ask(blockClass, name).get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof HoldfastException expected) {
        throw expected;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("the backup was interrupted", e);
    }
  }

  private void put(BlockClass blockClass, BlockName name, byte[] block) throws HoldfastException {
    put(blockClass, name, ByteBuffer.wrap(block));
  }

  private void put(BlockClass blockClass, BlockName name, ByteBuffer block)
      throws HoldfastException {
    session.store(machine, transaction, blockClass, name, block);
    newBytes.addAndGet(block.remaining());
    newBlocks.incrementAndGet();
    // The root says how much was stored, and is not counted by it.
    if (blockClass != BlockClass.ROOT) {
      progress.stored(block.remaining());
    }
  }

  /// Has a thread work on what is taken already. One that cannot be started holds nobody up.
  private void spawn(String name, int length, Task task, PendingChunk chunk) {
    workers.register();
    boolean started = false;
    try {
      spawner.spawn(name, () -> work(length, task, chunk));
      started = true;
    } finally {
      if (!started) {
        giveBack(length);
        workers.arriveAndDeregister();
      }
    }
  }

  private void work(int length, Task task, PendingChunk chunk) {
    try {
      task.run();
    } catch (HoldfastException e) {
      chunk.failed(e);
      fail(e);
    } catch (RuntimeException | Error e) {
      chunk.failed(new IllegalStateException(e));
      fail(new UnavailableException("the backup met a defect of its own: " + e, e));
      throw e;
    } finally {
      giveBack(length);
      workers.arriveAndDeregister();
    }
  }

  private void fail(HoldfastException why) {
    inFlight.fail(why);
    buffers.fail(why);
  }

  private void giveBack(int length) {
    try {
      inFlight.give(length);
    } catch (CorruptException e) {
      throw new IllegalStateException("what is given back was taken", e);
    }
  }

  private interface Task {
    void run() throws HoldfastException;
  }
}
