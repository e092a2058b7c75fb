package org.holdfast.seal;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.CorruptException;
import org.holdfast.core.Invariant;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.jspecify.annotations.Nullable;

/// Opens blocks, with the private keys of the read right or, references only, of the tidy right.
///
/// A block opens once the opener has learned its run: ask [#runOf], and if it is not [#knows]n,
/// fetch the block of [RunId#blockName] and [#learn] it. The opener remembers the last [#RUNS_MAX]
/// runs used.
///
/// Whatever was changed in a block, or if it is another one than asked for, what comes is
/// [CorruptException] and never data. Safe for several threads at once.
public final class Opener implements AutoCloseable {
  /// How many runs are remembered.
  public static final int RUNS_MAX = 1024;

  private final HybridPrivateKey reference;
  private final @Nullable HybridPrivateKey content;
  private final Map<RunId, RunKeys> runs = new LinkedHashMap<>(16, 0.75f, true);
  private final IdleWorkers<Worker> workers =
      new IdleWorkers<>(Worker::new, worker -> worker.unpacker.close());
  private final int runsMax;

  /// Opens everything.
  public Opener(ReadKeys keys) {
    this(keys.reference(), keys.content(), RUNS_MAX);
  }

  /// Opens references only.
  public Opener(TidyKeys keys) {
    this(keys.reference(), null, RUNS_MAX);
  }

  Opener(HybridPrivateKey reference, @Nullable HybridPrivateKey content, int runsMax) {
    this.reference = reference;
    this.content = content;
    this.runsMax = runsMax;
  }

  /// Whose keys seal a chunk, page or root. Needs no key; what it says is unproven until it opens.
  public static RunId runOf(BlockClass blockClass, ByteBuffer block) throws CorruptException {
    int start = block.arrayOffset() + block.position();
    int from = start + (blockClass == BlockClass.CHUNK ? 0 : 4);
    return PartHeader.decode(block.array(), from, start + block.remaining()).run();
  }

  /// Whether the run's keys are here. Counts as a use, so that they stay for a while.
  public boolean knows(RunId run) {
    synchronized (runs) {
      return runs.get(run) != null;
    }
  }

  /// Takes a run's keys from its RUN block, as fetched under `name`.
  public void learn(BlockName name, byte[] runBlock) throws CorruptException {
    RunId run = RunBlock.check(name, runBlock);
    byte[] referenceKey = RunBlock.open(runBlock, run, PartKind.REFERENCES, reference);
    PartKeys references = new PartKeys(run, PartKind.REFERENCES, referenceKey);
    PartKeys contents = null;
    if (content != null) {
      byte[] contentKey = RunBlock.open(runBlock, run, PartKind.CONTENT, content);
      contents = new PartKeys(run, PartKind.CONTENT, contentKey);
    }
    synchronized (runs) {
      runs.put(run, new RunKeys(references, contents));
      if (runs.size() > runsMax) {
        runs.remove(runs.keySet().iterator().next());
      }
    }
  }

  /// Hands a chunk's content over, without a copy of it. The block has an array.
  public <X extends Exception> void chunk(BlockName name, ByteBuffer block, OpenedChunk<X> opened)
      throws CorruptException, RefusedException, UnavailableException, X {
    checkLength(name, block.remaining());
    int from = block.arrayOffset() + block.position();
    int to = from + block.remaining();
    Worker worker = workers.take();
    try {
      opened.take(open(worker, BlockClass.CHUNK, PartKind.CONTENT, name, block.array(), from, to));
    } finally {
      workers.giveBack(worker);
    }
  }

  /// Both parts of a page or root.
  public Pair pair(BlockClass blockClass, BlockName name, byte[] block)
      throws CorruptException, RefusedException, UnavailableException {
    int split = split(blockClass, name, block);
    checkSameRun(block, split);
    byte[] content = open(blockClass, PartKind.CONTENT, name, block, split, block.length);
    return new Pair(open(blockClass, PartKind.REFERENCES, name, block, 4, split), content);
  }

  /// The references of a page or root; its content stays closed.
  public byte[] references(BlockClass blockClass, BlockName name, byte[] block)
      throws CorruptException, RefusedException, UnavailableException {
    int split = split(blockClass, name, block);
    checkSameRun(block, split);
    return open(blockClass, PartKind.REFERENCES, name, block, 4, split);
  }

  private static int split(BlockClass blockClass, BlockName name, byte[] block)
      throws CorruptException {
    Invariant.check(
        PartKeys.holds(blockClass, PartKind.REFERENCES), "pages and roots have two parts");
    checkLength(name, block.length);
    int first = block.length < 4 ? -1 : ByteBuffer.wrap(block).getInt();
    if (first < 0 || first > block.length - 4) {
      throw new CorruptException("block " + name + " is cut short");
    }
    return 4 + first;
  }

  private static void checkSameRun(byte[] block, int split) throws CorruptException {
    RunId first = PartHeader.decode(block, 4, split).run();
    if (!first.equals(PartHeader.decode(block, split, block.length).run())) {
      throw new CorruptException("a block's two parts are of different runs");
    }
  }

  private static void checkLength(BlockName name, int length) throws CorruptException {
    if (length > Limits.BLOCK_BYTES_MAX) {
      throw new CorruptException("block " + name + " is longer than 16 MiB");
    }
  }

  private byte[] open(
      BlockClass blockClass, PartKind kind, BlockName name, byte[] block, int from, int to)
      throws CorruptException, RefusedException, UnavailableException {
    Worker worker = workers.take();
    try {
      ByteBuffer opened = open(worker, blockClass, kind, name, block, from, to);
      byte[] copy = new byte[opened.remaining()];
      opened.get(copy);
      return copy;
    } finally {
      workers.giveBack(worker);
    }
  }

  /// What it returns is the worker's, and good until that opens another.
  private ByteBuffer open(
      Worker worker,
      BlockClass blockClass,
      PartKind kind,
      BlockName name,
      byte[] block,
      int from,
      int to)
      throws CorruptException, RefusedException, UnavailableException {
    PartHeader header = PartHeader.decode(block, from, to);
    if (header.blockClass() != blockClass || header.kind() != kind) {
      throw new CorruptException("block " + name + " is of another class or kind than asked for");
    }
    if (to - from < Packer.AROUND) {
      throw new CorruptException("block " + name + " is cut short");
    }
    PartKeys keys = keys(header, name);
    byte[] plain = worker.reserve(to - from);
    int sealed = from + PartHeader.LENGTH;
    byte[] nonce = Gcm.nonce(header.counter());
    int length =
        worker.gcm.open(
            keys.of(blockClass), nonce, header.associated(name), block, sealed, to - sealed, plain);
    return worker.unpacker.unpack(plain, length, Limits.rawMax(blockClass));
  }

  private PartKeys keys(PartHeader header, BlockName name)
      throws RefusedException, UnavailableException {
    RunKeys known;
    synchronized (runs) {
      known = runs.get(header.run());
    }
    if (known == null) {
      throw new UnavailableException(
          "block " + name + " needs run block " + header.run().blockName() + ": fetch it first");
    }
    if (header.kind() == PartKind.REFERENCES) {
      return known.references;
    }
    if (known.contents == null) {
      throw new RefusedException("this key file lacks the right to read; use one that has it");
    }
    return known.contents;
  }

  /// Frees memory. Nothing can be opened afterwards.
  @Override
  public void close() {
    workers.close();
  }

  private record RunKeys(PartKeys references, @Nullable PartKeys contents) {}

  private static final class Worker {
    final Gcm gcm = new Gcm();
    final Unpacker unpacker = new Unpacker();
    private byte[] plain = new byte[0];

    byte[] reserve(int length) {
      if (plain.length < length) {
        plain = new byte[length];
      }
      return plain;
    }
  }
}
