/// What drills have found, when the next one is due, and what a real recovery would take
/// (`docs/recovery.md`, "Drill" and "Estimate").
///
/// - [DrillBook] the results of drills, in a file
/// - [DrillBucket] a bucket that is read only, and counted
/// - [DrillRecord] what a drill has found
/// - [DrillWatch] when a drill is due, and how the last ones went
/// - [Estimate] what a recovery would take
/// - [LiveDigests] what the live state was
/// - [LogSize] how large a log is
/// - [Pace] how a drill gives way to others
@NullMarked
package org.holdfast.server.drill;

import org.jspecify.annotations.NullMarked;
