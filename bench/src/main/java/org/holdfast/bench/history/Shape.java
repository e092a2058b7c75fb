package org.holdfast.bench.history;

/// What a history is like.
///
/// @param records how many in all
/// @param blockLength mean length of a sealed chunk, in bytes
/// @param backupBlocks mean number of blocks that a backup stores; a machine's first one stores
///   more
/// @param deletedPercent of backups that are deleted later
/// @param cleanedPercent of the segments that hold garbage alone, of those that are cleaned
/// @param epochs how many servers own the log, one after the other
record Shape(
    long records,
    int machines,
    long seed,
    int blockLength,
    int backupBlocks,
    int deletedPercent,
    int cleanedPercent,
    int epochs) {}
