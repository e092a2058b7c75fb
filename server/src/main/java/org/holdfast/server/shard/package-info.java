/// A shard at work: its owner, its rules, its start.
///
/// - [AfterCrash] what a start does after a crash
/// - [BackgroundJob] the work that no client waits for
/// - [BackgroundMemory] what such work may hold
/// - [BackgroundTimer] does its rounds
/// - [BlockFetch] reads blocks wherever they lie, also while they move
/// - [BlockReader] reads neighbouring blocks in one request
/// - [BlockSink] takes blocks as they come
/// - [CatchUp] brings an index to the log's end, also where segments were cleaned
/// - [Cleaner] moves what lives out of segments, and deletes them
/// - [CleaningChoice] which segment is next
/// - [CleaningRules] by which what lives is appended again
/// - [CopyReader] reads blocks segment by segment, for a copy elsewhere
/// - [Damage] what is wrong with an object of the log
/// - [DamageAnswer] which damaged blocks a transaction must not rely on
/// - [DamageTold] what a session's client was told of them
/// - [DamageWatch] reads what is damaged again until it is whole
/// - [DamagedCopy] a copy of a block that is known to be damaged
/// - [DamagedCopies] which copies of blocks are damaged, in objects that are whole otherwise
/// - [Damages] the objects that are known to be damaged
/// - [DefectReport] what was seen when something happened that should never happen
/// - [DeleteService] deleting, on a shard that serves
/// - [Deletes] requests to delete, and what is over, become records
/// - [DiskWatch] stops what would fill the disk
/// - [Doubt] whether segments that are absent are lost
/// - [EarlyReads] who reads an index that is being made
/// - [ExpiryClock] says by what time deletions end
/// - [FenceWatch] finds out that another server owns the log
/// - [FirstReason] tells once why a log has stopped
/// - [Follower] brings a state on as another owner writes the log
/// - [Freeing] frees what nobody will see again
/// - [Garbage] how much of what the log takes lives
/// - [HeaderReader] reads headers, and tells which are damaged
/// - [LastRecords] the kinds of the records that were appended last
/// - [Lately] how much there was of something of late
/// - [LaterLog] what a log says behind the place to which it was read
/// - [Linger] how long a commit waits for others to share its segment
/// - [LostData] what cannot be read for damage
/// - [LogOwner] answers for the log whether it goes on
/// - [LogQueues] who waits for the log, and what it holds
/// - [Obstacles] what is in the way of writing while the log goes on
/// - [Pacer] when a background job may go on
/// - [PutOutcomes] tells the owner what becomes of puts
/// - [RecentDigests] what the live state was at the ends of the last segments
/// - [Replay] applies segments from their headers
/// - [Scrub] reads everything again
/// - [ScrubProgress] how far it has come
/// - [SegmentStore] puts segments into the bucket
/// - [Shard] requests become records
/// - [ShardLog] the writing side of a shard, and who waits for it
/// - [ShardLoop] the owner's thread
/// - [ShardService] a shard that serves
/// - [ShardStart] brings an index up to the end of the log
/// - [SpanReads] reads what a fetch asks for, several reads at a time
/// - [StartFromImage] makes an index from an image
/// - [StateFolder] a shard's folder on the local disk
/// - [Turns] clients come first, background work has a floor
@NullMarked
package org.holdfast.server.shard;

import org.jspecify.annotations.NullMarked;
