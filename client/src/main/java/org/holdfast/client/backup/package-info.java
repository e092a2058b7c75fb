/// Backing up: from files to blocks that the server keeps.
///
/// - [ArchiveWriter] entries to pages, in order
/// - [Backup] one backup, from the walk to the commit
/// - [BackupCache] the lists of the last archives, and of the one being made
/// - [BackupOptions] what a backup is asked to say of itself
/// - [BackupProgress] how far it has come
/// - [BackupScope] what it takes in
/// - [BackupSummary] what it did
/// - [BlockStore] names, asks, seals, stores
/// - [ChunkBuffer] what content is read into, and chunks are worked on in
/// - [ChunkBuffers] a bounded number of them
/// - [ChunkStream] data that is cut as it comes
/// - [ContentTag] small files' content, known again
/// - [Counts] what has been met
/// - [EntryMaker] entries of what the file system says
/// - [FileExtents] where a file's bytes go
/// - [FileIntake] files into chunks
/// - [HardLinks] files with several names
/// - [Intake] walks and takes in
/// - [ListPresence] whether what a list names is still there
/// - [LostBlocks] which of them are damaged at the server
/// - [LostPages] sends pages again that are
/// - [OldArchive] what has not changed
/// - [OwnFolders] what is Holdfast's own, and left out
/// - [PendingChunk] a chunk on its way
/// - [Presence] asks the server which blocks it has
/// - [ScopeWalk] a walk without what is left out
/// - [SealedArrays] what blocks are sealed into
/// - [ReadAhead] reads small files before their turn
/// - [SmallFile] a file that was read as a whole
/// - [StreamPlace] a file whose content is a stream
/// - [Survey] a backup that only looks
@NullMarked
package org.holdfast.client.backup;

import org.jspecify.annotations.NullMarked;
