/// The sorted way from segment headers to an index (`docs/recovery.md`).
///
/// - [BlockFiles] what records say of blocks, in files that can be sorted
/// - [BlockSort] makes rows of one such file
/// - [Fetch] reads all headers that count
/// - [HeaderSpool] headers that were read
/// - [Notable] what decides where to cut
/// - [ScratchFile] a file that grows
/// - [SortedReplay] all of it, one step after the other
/// - [Sorting] when a start takes this way
/// - [Step] a segment, or some that are absent
@NullMarked
package org.holdfast.server.recovery;

import org.jspecify.annotations.NullMarked;
