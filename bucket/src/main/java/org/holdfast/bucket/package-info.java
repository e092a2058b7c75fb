/// Where the service's objects live: one small contract, and the homes that keep it.
///
/// - [Bucket]: the contract.
/// - [BucketAddress]: how a person names a bucket.
/// - [Buckets]: opens the bucket at an address.
/// - `DirectoryBucket`: a bucket in a folder.
/// - `FileFailure`: what an error of the file system means to the caller.
/// - `FolderSync`: makes folders and their names durable.
/// - `FolderWalk`: one page of a folder's keys in order.
/// - `KeyRules`: which keys, prefixes and bodies there may be.
/// - [ListedObject]: one line of a listing.
/// - [Listing]: a page of keys.
/// - [MemoryBucket]: a bucket that dies with its process.
/// - [PutResult]: how a put ended.
/// - [Range]: bytes of an object, and how long it is.
/// - `TemporaryFiles`: the files that are not objects yet.
@NullMarked
package org.holdfast.bucket;

import org.jspecify.annotations.NullMarked;
