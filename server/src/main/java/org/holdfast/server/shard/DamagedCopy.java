package org.holdfast.server.shard;

import org.holdfast.log.SegmentId;

/// A copy of a block that is known to be damaged where it lies.
///
/// @param stored the record that has stored it
/// @param found the number of the find: another one after each time that it was whole
public record DamagedCopy(SegmentId segment, long stored, long found) {}
