/// The owner's local map from keys to rows, a cache of the log.
///
/// - [Batch] rows to put together
/// - [BatchedRows] sorted rows as batches
/// - [Index] the contract
/// - [IndexException] the local disk fails
/// - [MemoryIndex] gone with its process
/// - [RocksIndex] in a folder
/// - [RocksRows] sorted rows as a file of its own
/// - [RowPages] rows one after the other
/// - [RocksLibrary] what it needs of native code
/// - [SwitchedIndex] reads of one that is opened again elsewhere meanwhile
@NullMarked
package org.holdfast.server.index;

import org.jspecify.annotations.NullMarked;
