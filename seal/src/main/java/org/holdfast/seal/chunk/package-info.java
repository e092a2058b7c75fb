/// Cuts content into chunks without telling where. See `docs/format-sealing.md` section 9.
///
/// - [ChunkSizes]: how long chunks are
/// - [Chunker]: finds where chunks end
/// - [CutFunction]: the pseudo-random function and its threshold
/// - [RollingHash]: the universal hash of a window
@NullMarked
package org.holdfast.seal.chunk;

import org.jspecify.annotations.NullMarked;
