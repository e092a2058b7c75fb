/// Looking into archives: what differs, where something is, whether all of it is there.
///
/// - [ArchiveDiff] two archives, entry by entry
/// - [Change] what has become of an entry
/// - [EntryChanges] how two entries of one path differ
/// - [EntrySearch] entries of all archives that match a pattern
/// - [PageSweep] reads each page once
/// - [Sample] which of many blocks are read
/// - [ShownPath] an archive's path for a person
/// - [Statistics] how much archives hold
/// - [Verification] whether a restore would find everything
/// - [VerifyProgress] how far it is
/// - [WholeEntries] entries of an archive, long files in one piece
@NullMarked
package org.holdfast.client.look;

import org.jspecify.annotations.NullMarked;
