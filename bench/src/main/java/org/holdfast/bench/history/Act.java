package org.holdfast.bench.history;

import org.holdfast.core.HoldfastException;

/// Something that goes on in a history, beside others, record by record.
interface Act {
  /// No step appends more records.
  int RECORDS_MAX = 8;

  /// Appends the next records; false once nothing is left to be done.
  boolean step() throws HoldfastException;
}
