/// Benchmarks, beside the peers that are installed. All of it is an edge: it runs processes and
/// looks at what they leave behind.
///
/// - `Attic`: where folders wait that are done with
/// - `Calendar`: a clock of which days can be skipped
/// - `CalendarServer`: the server on such a clock
/// - `Chart`: bars as a picture
/// - `Command`: runs a program and measures it from outside
/// - `Compare`: the comparison
/// - `Contender`: a program's commands
/// - `Corpus`: trees to back up
/// - `DailyTree`: a tree that changes from day to day
/// - `DrillCost`: what clients lose by a drill beside them
/// - `DrillLoad`: these clients, in a process of their own
/// - `FarRebuild`: how fast headers come from a store that is far away
/// - `Figures`: what one stage cost both sides
/// - `Folders`: what becomes of whole folders
/// - `Kind`: whose commands a program understands, and where it stores
/// - `LinkCost`: how much of a long line a client can use
/// - `LoadClient`: a machine that stores and fetches blocks
/// - `Loopback`: counts bytes between all processes
/// - `MarkedPage`: a page that shows what a benchmark has printed
/// - `Program`: one that takes part, or why it cannot
/// - `Programs`: where they are, and how each is set up
/// - `RebuildSeries`: how fast an index comes back, by the length of the log
/// - `Reclaim`: what deleting costs and gives back
/// - `Relay`: counts bytes between two processes
/// - `Report`: the comparison's tables
/// - `RestServer`: restic's server
/// - `ResticRepository`: what restic makes of the same
/// - `Server`: a Holdfast server process
/// - `ServerProcess`: a server, watched from outside
/// - `Service`: what a client speaks to
/// - `SlowLink`: a long line of a certain rate
/// - `SshServer`: what borg goes through
/// - `Stage`: what is measured of a program
/// - `SyntheticLog`: a log as `bench/history` makes it
/// - `TreeChange`: a hundredth of a tree written over, and back
/// - `Trial`: one run of a program over a corpus
@NullMarked
package org.holdfast.bench;

import org.jspecify.annotations.NullMarked;
