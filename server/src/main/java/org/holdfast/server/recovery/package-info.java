/// The sorted way from segment headers to an index (`docs/recovery.md`).
///
/// - [BlockCounts] how many records of blocks machines have
/// - [BlockPartitions] what records say of blocks, in parts that can be sorted
/// - [BlockPlan] which parts are loaded together
/// - [BlockRecords] what a record says of a block, in bytes
/// - [BlockSort] makes rows of such parts
/// - [Counted] segments that count
/// - [Fetch] reads all headers that count, and parts what they say
/// - [HeaderSpool] headers that were read
/// - [LoadedMachines] whose blocks are loaded
/// - [MachineNumbers] small numbers for machines
/// - [Notable] what decides where to cut
/// - [Outline] what a state without blocks wants to know of segments
/// - [Routed] what a segment says, parted
/// - [ScratchFile] a file that grows
/// - [SortedReplay] all of it, one step after the other
/// - [Sorting] when a start takes this way
/// - [Step] a segment, or some that are absent
@NullMarked
package org.holdfast.server.recovery;

import org.jspecify.annotations.NullMarked;
