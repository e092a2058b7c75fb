package org.holdfast.log;

/// A record with its number and, for a block, where it lies: `dataOffset` bytes behind the header.
public record LogEntry(long number, LogRecord item, long dataOffset) {}
