/// What was done when, in files of lines in the state folder.
///
/// - [Journal] a file of lines that keeps the newest
/// - [Timeline] what starts, rebuilds and drills have done
@NullMarked
package org.holdfast.server.journal;

import org.jspecify.annotations.NullMarked;
