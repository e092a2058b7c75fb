/// `try`: the whole story on this machine, with real processes.
///
/// - `Child`: a process of this program
/// - `Children`: starts them, and ends those that are left
/// - `Proofs`: what the story looks at by itself
/// - `Story`: the steps
/// - `Table`: what each step took
/// - `TryCommand`: the command
/// - `Workplace`: the temporary folder
@NullMarked
package org.holdfast.cli.story;

import org.jspecify.annotations.NullMarked;
