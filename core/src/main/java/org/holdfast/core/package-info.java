/// Ids, bytes, invariants, and the seams through which time and randomness come in.
///
/// - `AccountId`, `BlockName`, `InviteId`, `MachineId`, `ServiceId`, `TransactionId`: ids, one type
///   for each thing
/// - `BlockClass`: what a block is for
/// - `Bytes`: an immutable run of bytes
/// - `Clock`, `SystemClock`: time and waiting; the machine's own
/// - `ConflictException`: the state has moved on
/// - `CorruptException`: bytes are not what was written
/// - `DirectFiles`: opens files past the page cache
/// - `FileReason`: why a file cannot be used
/// - `Folders`: makes names durable, and replaces files
/// - `HoldfastException`: a failure that the program foresees
/// - `Invariant`, `InvariantException`: the program's own rules; one of them is broken
/// - `RefusedException`: not allowed, or not possible as asked
/// - `Right`: what a credential allows
/// - `Spawner`: starts threads
/// - `UnavailableException`: not there at the moment
@NullMarked
package org.holdfast.core;

import org.jspecify.annotations.NullMarked;
