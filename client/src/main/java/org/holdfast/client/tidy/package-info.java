/// Deleting: which archives go, what goes with them, and how they come back.
///
/// - `BlockCounts`: what archives share
/// - `CountsFile`: the same in the cache folder
/// - `Crowd`: archives that push others out of a policy
/// - `Deletion`: deletes archives
/// - `Nuke`: deletes everything
/// - `RetentionPolicy`: which archives to keep, and why
/// - `SentCommit`: a commit whose answer may be lost
/// - `TidyArchive`: an archive without names
/// - `TidyCatalog`: reads archives with the right to tidy
/// - `TidyList`: the archives that are there
/// - `TidyProgress`: how far it is
/// - `TimeSpan`: a length of time as people say it
/// - `Undeletion`: brings archives back
@NullMarked
package org.holdfast.client.tidy;

import org.jspecify.annotations.NullMarked;
