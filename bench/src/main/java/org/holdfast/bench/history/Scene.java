package org.holdfast.bench.history;

/// What all acts share.
record Scene(
    Shape shape,
    HistoryLog log,
    PassingIndex index,
    DeadSegments dead,
    HistoryClock time,
    Draw draw) {
  /// Of the transaction nothing more will be freed.
  void ended(long begun) {
    if (index.settle(begun)) {
      dead.ended(begun);
    } else {
      kept(begun);
    }
  }

  /// The transaction's rows are not asked for again.
  void kept(long begun) {
    index.forget(begun);
    dead.lost(begun);
  }
}
