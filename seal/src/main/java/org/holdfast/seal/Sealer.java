package org.holdfast.seal;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Invariant;

/// Seals the blocks of one run.
///
/// Invariants:
/// - a counter value is used once: this object alone counts, and there is one for each [Run], whose
///   keys are drawn with it and kept nowhere else
/// - blocks stay within [Limits]
///
/// Safe for several threads at once. Each thread at work holds a compressor and buffers of about
/// twice its largest block; [#close] frees them.
public final class Sealer implements AutoCloseable {
  /// Levels of zstd: below, nothing is compressed; above, its own limits are other ones.
  public static final int LEVEL_MIN = Packer.NO_LEVEL;

  public static final int LEVEL_MAX = 19;

  /// zstd's level when nobody says otherwise.
  public static final int DEFAULT_LEVEL = 1;

  // With random keys GCM allows 2^32 messages a key at an error of 2^-32 (SP 800-38D, section 8.3);
  // a counter allows more, but no run comes near.
  private static final long PARTS_MAX = 1L << 32;

  private final RunId run;
  private final PartKeys referenceKeys;
  private final PartKeys contentKeys;
  private final AtomicLong counter = new AtomicLong();
  private final IdleWorkers<Worker> workers;

  Sealer(RunId run, PartKeys referenceKeys, PartKeys contentKeys, int level) {
    this.run = run;
    this.referenceKeys = referenceKeys;
    this.contentKeys = contentKeys;
    this.workers =
        new IdleWorkers<>(
            () -> new Worker(new Gcm(), new Packer(level)), worker -> worker.packer.close());
  }

  /// As below, into an array of its own.
  public byte[] chunk(BlockName name, byte[] content, int from, int to) {
    return chunk(name, content, from, to, byte[]::new).bytes();
  }

  /// Seals `content[from, to)`, at most [Limits#CHUNK_BYTES_MAX] bytes, as the chunk called `name`.
  ///
  /// @param arrays gives an array of at least a length
  public Sealed chunk(
      BlockName name, byte[] content, int from, int to, IntFunction<byte[]> arrays) {
    Invariant.check(to - from <= Limits.CHUNK_BYTES_MAX, "a chunk has at most 8 MiB");
    Worker worker = workers.take();
    try {
      int length = worker.packer.pack(content, from, to);
      byte[] block = arrays.apply(Packer.AROUND + length);
      seal(worker, header(BlockClass.CHUNK, PartKind.CONTENT), name, length, block, 0);
      return new Sealed(block, Packer.AROUND + length);
    } finally {
      workers.giveBack(worker);
    }
  }

  /// Seals a page or root, whose references open with the reference key alone.
  public byte[] pair(BlockClass blockClass, BlockName name, byte[] references, byte[] content) {
    Invariant.check(
        PartKeys.holds(blockClass, PartKind.REFERENCES), "pages and roots have two parts");
    Invariant.check(
        references.length <= Limits.PART_BYTES_MAX && content.length <= Limits.PART_BYTES_MAX,
        "a part has at most 16 MiB");
    Worker worker = workers.take();
    try {
      int firstLength = worker.packer.pack(references, 0, references.length);
      byte[] first = new byte[Packer.AROUND + firstLength];
      seal(worker, header(blockClass, PartKind.REFERENCES), name, firstLength, first, 0);
      int secondLength = worker.packer.pack(content, 0, content.length);
      byte[] block = new byte[4 + first.length + Packer.AROUND + secondLength];
      Invariant.check(block.length <= Limits.BLOCK_BYTES_MAX, "a block has at most 16 MiB");
      ByteBuffer.wrap(block).putInt(first.length).put(first);
      PartHeader header = header(blockClass, PartKind.CONTENT);
      seal(worker, header, name, secondLength, block, 4 + first.length);
      return block;
    } finally {
      workers.giveBack(worker);
    }
  }

  private PartHeader header(BlockClass blockClass, PartKind kind) {
    long count = counter.getAndIncrement();
    Invariant.check(count < PARTS_MAX, "a run has at most 2^32 parts");
    return new PartHeader(blockClass, kind, run, count);
  }

  private void seal(
      Worker worker, PartHeader header, BlockName name, int length, byte[] block, int from) {
    PartKeys keys = header.kind() == PartKind.REFERENCES ? referenceKeys : contentKeys;
    System.arraycopy(header.encode(), 0, block, from, PartHeader.LENGTH);
    worker.gcm.seal(
        keys.of(header.blockClass()),
        Gcm.nonce(header.counter()),
        header.associated(name),
        worker.packer.plain(),
        length,
        block,
        from + PartHeader.LENGTH);
  }

  /// Frees memory. Nothing can be sealed afterwards.
  @Override
  public void close() {
    workers.close();
  }

  /// A block: the first `length` of the bytes.
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  public record Sealed(byte[] bytes, int length) {}

  private record Worker(Gcm gcm, Packer packer) {}
}
