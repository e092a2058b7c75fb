/// Logs with a long past, made without their blocks: to measure how a service is brought back.
///
/// - `Act`: something that goes on in a history
/// - `Backup`: a write transaction
/// - `Block`: a block as its row names it
/// - `Cleaning`: moves what lives out of a segment, and deletes it
/// - `DeadSegments`: finds segments to clean
/// - `Deletion`: a delete transaction
/// - `Draw`: chance that follows from a seed
/// - `Freeing`: gives up what nobody will see again
/// - `History`: the command
/// - `HistoryClock`: the time in a history
/// - `HistoryFolder`: the service's folder
/// - `HistoryLog`: the log, with a real state behind it
/// - `HistoryMachine`: what a machine does
/// - `Life`: what happens in a service
/// - `PassingIndex`: rows that a history comes back to
/// - `Puts`: segments on their way
/// - `Scene`: what acts share
/// - `Shape`: what a history is like
/// - `SparseBucket`: objects that take no room for their data
/// - `Zeros`: blocks of zeros
@NullMarked
package org.holdfast.bench.history;

import org.jspecify.annotations.NullMarked;
