package org.holdfast.seal.chunk;

import org.holdfast.core.Bytes;
import org.holdfast.core.Invariant;
import org.holdfast.seal.Hkdf;

/// Cuts content into chunks at places that depend on the content and a key.
///
/// A chunk ends at the first position, at least `min` and less than `max` bytes from its beginning,
/// at which a pseudo-random function of the 32 bytes before falls below a threshold; else after
/// `max` bytes; or where the input ends. Every position is decided by the function: chunk lengths
/// tell who lacks the key no more than coins would, one for each different window
/// (`docs/format-sealing.md` section 9 has the bound and what still leaks).
///
/// Invariants:
/// - where a chunk ends depends on its own bytes only, not on what came before, nor on how the
///   input is buffered
/// - nothing is allocated for a call
///
/// For one thread at a time.
public final class Chunker {
  // Positions decided at once. Large beside the price of a call, small beside a chunk, of which as
  // much is decided in vain beyond its end; and results stay in a core's own cache.
  private static final int BATCH = 16 << 10;

  private final ChunkSizes sizes;
  private final CutFunction cut;

  public Chunker(Bytes chunkingKey, ChunkSizes sizes) {
    this.sizes = sizes;
    byte[] key = Hkdf.derive(chunkingKey.toArray(), new byte[0], "holdfast chunk cut 2", 16);
    cut = new CutFunction(key, BATCH);
  }

  public ChunkSizes sizes() {
    return sizes;
  }

  /// As below, where nothing is known of the chunk.
  public int next(byte[] data, int from, int to, boolean end) {
    return next(data, from, from, to, end);
  }

  /// Where the chunk that begins at `from` ends, or -1 if that takes more input: give more, and say
  /// how far this has come.
  ///
  /// @param data holds input in `[from, to)`
  /// @param searched the end of the input that was given before, for this chunk; `from` at first
  /// @param end whether the input ends at `to`; if so and `from` is `to`, there is no chunk
  public int next(byte[] data, int from, int searched, int to, boolean end) {
    Invariant.check(0 <= from && from <= to && to <= data.length, "input within the buffer");
    Invariant.check(from <= searched && searched <= to, "what was given before is given again");
    int last = (int) Math.min(to, (long) from + sizes.max());
    // Whether the input's end is a boundary is known when more of it has come.
    long first = Math.max(from + (long) sizes.min(), searched);
    int found = first < last ? search(data, (int) first, last) : last;
    boolean isFinal = found < to || found - from == sizes.max() || end;
    return isFinal ? found : -1;
  }

  /// The first boundary from `first` on, or `last`.
  private int search(byte[] data, int first, int last) {
    int threshold = sizes.threshold();
    for (int at = first; at < last; at += BATCH) {
      int found = cut.firstBelow(data, at, Math.min(BATCH, last - at), threshold);
      if (found >= 0) {
        return at + found;
      }
    }
    return last;
  }
}
