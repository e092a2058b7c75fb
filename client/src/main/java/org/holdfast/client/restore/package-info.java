/// Writes archives, or parts of them, into a folder.
///
/// - `Destination`: where entries go, and what is common to writing all of them
/// - `EntryPatterns`: which entries are wanted, by patterns
/// - `FailedEntry`: an entry that was not restored, and why
/// - `LinkNames`: which restored entry a hard linked one is another name of
/// - `OpenFolders`: the folders between the target and the entry at hand
/// - `Overwrite`: what becomes of what is there already
/// - `Owners`: whose the restored entries are
/// - `Planner`: goes through the entries and gathers the pieces of files in windows
/// - `Preview`: what a restore would write
/// - `Restore`: a restore from its checks to its summary
/// - `RestoredFile`: a regular file on its way to the target
/// - `RestoreOptions`: what to restore, and how
/// - `RestoreProgress`: how far a restore is
/// - `RestoreStopped`: the restore cannot go on
/// - `RestoreSummary`: what a restore has done
/// - `Selection`: which entries are restored, and under what path
/// - `Tally`: counts what a restore does
/// - `Window`: a part of a restore that is planned as one
/// - `WindowWriter`: fetches the chunks of windows and has them written
/// - `Workers`: threads that open blocks and write files
@NullMarked
package org.holdfast.client.restore;

import org.jspecify.annotations.NullMarked;
