/// Keys, key files, and blocks that only their owner can open. See `docs/format-sealing.md`.
@NullMarked
package org.holdfast.seal;

import org.jspecify.annotations.NullMarked;
