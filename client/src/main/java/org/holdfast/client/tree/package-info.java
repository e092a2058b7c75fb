/// Files and folders of this machine: reading a tree, writing one, comparing two.
///
/// Reading
/// - `SourceTree`: a tree that is read
/// - `TreeWalk`: a walk through it, entry by entry
/// - `SourceFile`: a file of it, data and holes apart
/// - `PosixTree`, `PosixWalk`, `PosixFile`: those of this machine
/// - `Listing`: the names in a folder
/// - `OpenFlags`: how sources are opened
///
/// Writing
/// - `TargetTree`: a tree that is written
/// - `TargetFile`: a file of it
/// - `PosixTarget`, `PosixTargetFile`: those of this machine
/// - `MetadataWriter`: owner, attributes, mode and time, in the order that keeps them
/// - `Abilities`, `Capabilities`: what this process can do in a target
/// - `Shortfall`: what could not be set
///
/// Comparing
/// - `TreeComparer`: two trees, entry by entry
/// - `ContentReaders`, `ContentComparison`: their files' content
/// - `HardLinks`: which paths are names of the same entry
/// - `Comparison`, `Differences`: what came of it
///
/// Values
/// - `FileStatus`, `FileType`, `Timestamp`: what the system says of an entry
/// - `Metadata`, `ExtendedAttribute`: what is kept of it
/// - `TreePath`: paths in a tree and their order
/// - `PathText`: paths on a terminal
/// - `RawArguments`: paths on a command line
/// - `FileAccessException`, `Errno`: what went wrong
///
/// The system
/// - `Libc`: all native calls
/// - `Scratch`: their memory
/// - `Statx`: the layout of a status
/// - `Platform`: which systems, and their numbers
/// - `Anchor`: the way to a tree's root
/// - `FolderCache`: open folders of a tree
/// - `AttributeReader`: extended attributes of an entry or an open file
/// - `Accounts`: names of users and groups
/// - `ProcessEnd`: the end of this process
/// - `SyntheticFileSystems`: those whose files are made up
/// - `ProcFile`: what the kernel tells a process about itself
@NullMarked
package org.holdfast.client.tree;

import org.jspecify.annotations.NullMarked;
