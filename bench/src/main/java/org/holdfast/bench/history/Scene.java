package org.holdfast.bench.history;

/// What all acts share.
record Scene(Shape shape, HistoryLog log, PassingIndex index, Timeline time, Draw draw) {}
