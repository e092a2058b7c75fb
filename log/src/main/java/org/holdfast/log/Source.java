package org.holdfast.log;

import org.holdfast.core.HoldfastException;

/// Things that come one after the other, each of which may fail to.
public interface Source<T> {
  /// Whether something is to come.
  boolean hasNext();

  /// The next. A failure takes the place of one thing; those behind it can be had still.
  T next() throws HoldfastException;
}
