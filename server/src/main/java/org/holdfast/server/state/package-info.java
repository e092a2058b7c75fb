/// A shard's state as rows, and how records change it.
///
/// - [AccountRow], [ArchiveRow], [BlockRow], [DeletionRow], [InviteRow], [MachineRow],
///   [SegmentRow], [UnfinishedRow] what the rows hold
/// - [BlockFold] makes a block's rows from its records alone
/// - [BlockDigest] hashes rows of blocks
/// - [BlockRun] records of blocks that ask the same of the state
/// - [BlockSums] what rows that were loaded come to
/// - [Check] what a recovery checks and may go on without
/// - [Cleanings] which segments are retired, and which is being cleaned
/// - [Copies] blocks and their copies
/// - [DeferredCopies] leaves blocks out
/// - [DurableState] what is durable, read without the owner
/// - [Fingerprint] what is known of a set of rows
/// - [Fitting] whether a record fits the state
/// - [Holes] segments that a replay has passed without
/// - [IndexComparison] reads two indexes side by side
/// - [IndexDifference] what an old index says otherwise than the log
/// - [Keys] what the rows are called
/// - [MachineChoice] which machine a person means
/// - [MachineExtract] what a log of one machine holds
/// - [Machines] the machines' rows as values
/// - [Misfits] what becomes of what fails such a check
/// - [Names] which rows records name
/// - [Position] how far a state has come
/// - [RowCodec] fields of rows
/// - [RowDigest] hashes rows
/// - [RowSums] fingerprints of all rows
/// - [Rows] rows that run ahead of the index
/// - [ShardState] applies records
/// - [Transactions] write and delete transactions, and archives
/// - [Visibility] which copies are kept and deleted
@NullMarked
package org.holdfast.server.state;

import org.jspecify.annotations.NullMarked;
