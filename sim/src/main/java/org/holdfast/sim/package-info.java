/// The simulator: the code that ships, in a world where everything goes wrong and nothing is left
/// to chance but a seed (`docs/simulation.md`).
///
/// - `Main`, `Options`, `Campaign`, `Total`: the program, many runs, and what they come to
/// - `Scenario`, `Size`, `Chance`: what a run follows from
/// - `Shrinker`: finds what of a run breaks the promise
/// - `History`: one run, from an empty bucket to the last check
/// - `World`, `Setting`: what all share in a run, and how its servers are set up
/// - `Rates`, `Faults`: how often what goes wrong, and whether it does now
/// - `Fate`, `Weather`: what befalls processes and disks, and the store itself
/// - `Model`, `Violation`: what was promised, and that it was broken
/// - `Endings`: what is under way, and must end in time
/// - `Ledger`: what the bucket's log says, by rules of its own
/// - `Blocks`, `Deletions`: what becomes of blocks, and what is deleted, by that log
/// - `Complaints`: whether what a listing complains of is so
/// - `Audit`, `Inspection`: what is looked at in the middle, and at the end
/// - `Images`, `ImageAudit`: what must hold of images of the index, and of starts from them
/// - `Loop`, `Threads`, `Trace`: the one thread, what it carries, and what happened
/// - `SimProcess`, `SimRandom`: threads that die together, and their randomness
/// - `SimStore`, `SimBucket`: what is in the bucket, and a process's way to it
/// - `SimDisk`, `ClientDisk`: a server's own disk, and that of a machine that is backed up
/// - `Tables`: the files of an index
/// - `Volume`, `DiskUser`: files that a power cut may take back, and what befalls who uses them
/// - `VolumeFiles`, `VolumeProvider`, `VolumePath`, `VolumeChannel`: they as the JDK knows files
/// - `SimServer`, `Fleet`: a server, and those that fight for the log
/// - `Chores`: what a server does beside answering
/// - `Mishaps`, `Overheard`: what excuses a failure: what went wrong for whom, and what was not
///   given
/// - `SimClient`, `SimReader`, `Services`: a machine, what it looks at, and where it connects to
/// - `Reliance`: what a backup must not rely on
/// - `SimTidier`: what it deletes and brings back
/// - `SimTree`, `Machines`: its files, and its keys
/// - `Wire`: a connection
/// - `CheapCrypto`, `CheapKeys`: curves and lattices that cost nothing
/// - `CheapSignature`, `CheapAgreement`, `CheapEncapsulation`: what they do with keys
@NullMarked
package org.holdfast.sim;

import org.jspecify.annotations.NullMarked;
