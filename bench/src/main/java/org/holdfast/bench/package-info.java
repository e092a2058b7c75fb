/// Benchmarks, beside the peers that are installed. All of it is an edge: it runs processes and
/// looks at what they leave behind.
///
/// - `Command`: runs a program and measures it from outside
/// - `Compare`: the comparison
/// - `Contender`: a program's commands
/// - `Corpus`: trees to back up
/// - `Folders`: what becomes of whole folders
/// - `Report`: the table
/// - `Server`: a Holdfast server process
@NullMarked
package org.holdfast.bench;

import org.jspecify.annotations.NullMarked;
