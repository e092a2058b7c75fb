/// The simulator: the code that ships, in a world where everything goes wrong and nothing is left
/// to chance but a seed (`docs/simulation.md`).
///
/// - `Main`, `Options`: the program
/// - `History`: one run, from an empty bucket to the last check
/// - `Rates`, `Faults`: how often what goes wrong, and whether it does now
/// - `Model`, `Violation`: what was promised, and that it was broken
/// - `Loop`, `Threads`, `Trace`: the one thread, what it carries, and what happened
/// - `SimProcess`, `SimRandom`: threads that die together, and their randomness
/// - `SimStore`, `SimBucket`: what is in the bucket, and a process's way to it
/// - `SimDisk`: a server's own disk
/// - `SimServer`, `Fleet`: a server, and those that fight for the log
/// - `SimClient`, `SimTree`, `Machines`: a machine, its files, and its keys
/// - `Wire`: a connection
/// - `CheapCrypto`, `CheapKeys`: curves and lattices that cost nothing
/// - `CheapSignature`, `CheapAgreement`, `CheapEncapsulation`: what they do with keys
@NullMarked
package org.holdfast.sim;

import org.jspecify.annotations.NullMarked;
