/// Cuts content into chunks without telling where. See `docs/format-sealing.md` section 9.
@NullMarked
package org.holdfast.seal.chunk;

import org.jspecify.annotations.NullMarked;
