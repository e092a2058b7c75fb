/// A shard's state as rows, and how records change it.
///
/// - [AccountRow], [ArchiveRow], [BlockRow], [InviteRow], [MachineRow], [SegmentRow],
///   [UnfinishedRow] what the rows hold
/// - [DurableState] what is durable, read without the owner
/// - [Keys] what the rows are called
/// - [Machines] the machines' rows as values
/// - [Position] how far a state has come
/// - [RowCodec] fields of rows
/// - [RowDigest] hashes rows
/// - [Rows] rows that run ahead of the index
/// - [ShardState] applies records
@NullMarked
package org.holdfast.server.state;

import org.jspecify.annotations.NullMarked;
