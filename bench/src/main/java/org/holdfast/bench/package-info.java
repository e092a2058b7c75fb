/// Benchmarks, beside the peers that are installed.
///
/// - [Command] runs a program and measures it from outside
/// - [Compare] the comparison
/// - [Contender] a program's commands
/// - [Corpus] trees to back up
@NullMarked
package org.holdfast.bench;

import org.jspecify.annotations.NullMarked;
