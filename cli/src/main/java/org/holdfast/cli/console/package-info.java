/// What every command shares: the process it runs in, what it says, how it fails.
///
/// - `Counted`: numbers of things
/// - `ExitCode`: what the exit code says
/// - `Failure`: a failure that knows its exit code
/// - `Failures`: what failures are called
/// - `Host`: what this machine calls itself, and has
/// - `InputCommand`: what a command writes
/// - `JsonLine`: a line of JSON
/// - `JsonOption`: `--json`
/// - `ListFiles`: files of patterns and paths
/// - `Misuse`: a command line that cannot be understood
/// - `Output`: `-q` and `-v`, and what goes to standard error
/// - `Passphrases`: where a passphrase comes from
/// - `Program`: what this program is called
/// - `Rate`: something over time
/// - `Signals`: the process's signals
/// - `SourcePaths`: paths of the command line, made absolute
/// - `Surroundings`: what the process gives to every command
/// - `Terminal`: standard output and standard error
/// - `Ticker`: shows how far something is
@NullMarked
package org.holdfast.cli.console;

import org.jspecify.annotations.NullMarked;
