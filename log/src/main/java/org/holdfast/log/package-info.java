/// The log: what a segment is, who may write it, and which of it counts.
///
/// - [Fence] takes a shard over by sealing what was open
/// - [HeaderBytes] a header as it lies in the bucket
/// - [LogChain] tells which segments count
/// - [LogEntry] a record in its place
/// - [LogKey] authenticates headers
/// - [LogReader] lists segments and reads headers
/// - [LogWriter] appends records, and knows what is durable
/// - [LogRecord] what a record can say
/// - [Patience] how long one thing is asked for again
/// - [Source] is things that come one after the other
/// - [ReadAhead] reads several at a time, in order
/// - [FirstRead] guesses how much shows a whole header
/// - [RecordCodec] records to bytes and back
/// - [RecordCursor] walks records where they lie
/// - [Segment] the layout of a segment
/// - [SegmentBuilder] a segment that is being filled
/// - [SegmentHeader] all of a segment but its data
/// - [SegmentId] which segment, and its key
/// - [SegmentRange] several of one epoch
/// - [SegmentSet] many, as ranges
/// - [StateDigest] a number that two equal states share
@NullMarked
package org.holdfast.log;

import org.jspecify.annotations.NullMarked;
