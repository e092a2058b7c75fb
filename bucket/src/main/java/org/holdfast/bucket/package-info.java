/// Where the service's objects live: one small contract, and the homes that keep it.
///
/// - `Beginnings`: reads how files begin.
/// - [Bucket]: the contract.
/// - [BucketAddress]: how a person names a bucket.
/// - [BucketMeter]: what was asked of a store, how it went and what it costs.
/// - `BucketProbe`: tries whether a store keeps the contract.
/// - [Buckets]: opens the bucket at an address.
/// - `Crowd`: runs a task many times at once.
/// - `DirectoryBucket`: a bucket in a folder.
/// - `FileFailure`: what an error of the file system means to the caller.
/// - [FolderCopy]: a folder that is filled once, and read as a bucket when it is whole.
/// - `FolderSync`: makes folders and their names durable.
/// - `FolderWalk`: one page of a folder's keys in order.
/// - `Gate`: how many requests may be under way at once.
/// - `GatedBucket`: lets no more requests through than its gate finds good.
/// - `HedgedBucket`: asks a second time for what is slow.
/// - [Hedging]: when that is done.
/// - `KeyRules`: which keys, prefixes and bodies there may be.
/// - `Latencies`: how long the last calls took.
/// - `Layer`: a bucket that does one thing around each call of another.
/// - [ListedObject]: one line of a listing.
/// - [Listing]: a page of keys.
/// - [MemoryBucket]: a bucket that dies with its process.
/// - `MeteredBucket`: counts requests.
/// - [ProbeReport]: what a store was seen to do.
/// - [PutResult]: how a put ended.
/// - [Range]: bytes of an object, and how long it is.
/// - `RetryBudget`: what all calls together may spend on retries.
/// - `RetryingBucket`: tries again what is worth it.
/// - `S3Bucket`: a bucket of an S3 store.
/// - `S3Connection`: makes the client that speaks to a store.
/// - `S3Failure`: what a store's answer means to the caller.
/// - [S3Settings]: how a store is spoken to.
/// - `TemporaryFiles`: the files that are not objects yet.
@NullMarked
package org.holdfast.bucket;

import org.jspecify.annotations.NullMarked;
