/// A shard at work: its owner, its rules, its start.
///
/// - [BlockReader] reads neighbouring blocks in one request
/// - [Damage] what is wrong with an object of the log
/// - [DamageWatch] reads what is damaged again until it is whole
/// - [Damages] the objects that are known to be damaged
/// - [DeleteService] deleting, on a shard that serves
/// - [Deletes] requests to delete, and what is over, become records
/// - [ExpiryClock] says by what time deletions end
/// - [FenceWatch] finds out that another server owns the log
/// - [Freeing] frees what nobody will see again
/// - [FreeingTimer] does so in the background
/// - [Replay] applies segments from their headers
/// - [SegmentStore] puts segments into the bucket
/// - [Shard] requests become records
/// - [ShardLog] the writing side of a shard, and who waits for it
/// - [ShardLoop] the owner's thread
/// - [ShardService] a shard that serves
/// - [ShardStart] brings an index up to the end of the log
/// - [SpanReads] reads what a fetch asks for, several reads at a time
/// - [StateFolder] a shard's folder on the local disk
@NullMarked
package org.holdfast.server.shard;

import org.jspecify.annotations.NullMarked;
