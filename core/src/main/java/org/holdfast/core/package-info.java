/// Ids, bytes, invariants, and the seams through which time and randomness come in.
@NullMarked
package org.holdfast.core;

import org.jspecify.annotations.NullMarked;
