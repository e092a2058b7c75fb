/// The sorted way from segment headers to an index (`docs/recovery.md`).
///
/// - [BlockFiles] what records say of blocks, in files that can be sorted
/// - [BlockPlan] which file takes which block
/// - [BlockRouter] parts what segments say
/// - [BlockSort] makes rows of one such file
/// - [Fetch] reads all headers that count
/// - [HeaderNotes] what has to be known of a header first
/// - [HeaderSpool] headers that were read
/// - [LoadedMachines] whose blocks are loaded
/// - [Notable] what decides where to cut
/// - [ScratchFile] a file that grows
/// - [SortedReplay] all of it, one step after the other
/// - [Sorting] when a start takes this way
/// - [Step] a segment, or some that are absent
@NullMarked
package org.holdfast.server.recovery;

import org.jspecify.annotations.NullMarked;
