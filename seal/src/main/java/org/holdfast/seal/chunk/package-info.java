/// Cuts content into chunks without telling where. See `docs/format-sealing.md` section 9.
///
/// - [ChunkSizes]: how long chunks are
/// - [Chunker]: finds where chunks end
/// - [CutFunction]: the pseudo-random function of a window, and its threshold
@NullMarked
package org.holdfast.seal.chunk;

import org.jspecify.annotations.NullMarked;
