package org.holdfast.seal.chunk;

import org.holdfast.core.Bytes;
import org.holdfast.core.Invariant;
import org.holdfast.seal.Hkdf;

/// Cuts content into chunks at places that depend on the content and a key.
///
/// A chunk ends at the first position, at least `min` and less than `max` bytes from its beginning,
/// at which a pseudo-random function of a universal hash of the 64 bytes before falls below a
/// threshold; else after `max` bytes; or where the input ends. Every position is decided by the
/// function: chunk lengths tell who lacks the key no more than coins would, one for each different
/// window (`docs/format-sealing.md` section 9 has the bound and what still leaks).
///
/// Invariants:
/// - where a chunk ends depends on its own bytes only, not on what came before, nor on how the
///   input is buffered
/// - nothing is allocated for a call
///
/// For one thread at a time.
public final class Chunker {
  // Small, so that code is compiled soon (the JDK counts calls) and little is hashed in vain beyond
  // a boundary; and hashes and results stay in a core's own cache.
  private static final int BATCH = 1024;

  private final ChunkSizes sizes;
  private final RollingHash hash;
  private final CutFunction cut;
  private final long[] state = new long[2];

  public Chunker(Bytes chunkingKey, ChunkSizes sizes) {
    this.sizes = sizes;
    hash = new RollingHash(chunkingKey);
    byte[] key = Hkdf.derive(chunkingKey.toArray(), new byte[0], "holdfast chunk cut 1", 16);
    cut = new CutFunction(key, BATCH);
  }

  public ChunkSizes sizes() {
    return sizes;
  }

  /// Where the chunk that begins at `from` ends, or -1 if that takes more input: give `max` bytes,
  /// or the end of the input.
  ///
  /// @param data holds input in `[from, to)`
  /// @param end whether the input ends at `to`; if so and `from` is `to`, there is no chunk
  public int next(byte[] data, int from, int to, boolean end) {
    Invariant.check(0 <= from && from <= to && to <= data.length, "input within the buffer");
    int length = to - from;
    if (length < sizes.max() && !end) {
      return -1;
    }
    if (length <= sizes.min()) {
      return to;
    }
    return search(data, from + sizes.min(), from + Math.min(length, sizes.max()));
  }

  /// The first boundary from `first` on, or `last`.
  private int search(byte[] data, int first, int last) {
    int threshold = sizes.threshold();
    byte[] hashes = cut.hashes();
    hash.start(data, first, state, hashes, CutFunction.FIRST);
    int ready = 1;
    int at = first;
    while (at < last) {
      int count = Math.min(BATCH, last - at);
      int to = CutFunction.FIRST + ready * RollingHash.LENGTH;
      hash.roll(data, at + ready - 1, count - ready, hashes, to, state);
      int found = cut.firstBelow(count, threshold);
      if (found >= 0) {
        return at + found;
      }
      at += count;
      ready = 0;
    }
    return last;
  }
}
