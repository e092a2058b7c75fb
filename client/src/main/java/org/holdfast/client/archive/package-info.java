/// What an archive is, to the byte: entries, pages, roots, and the client's list of them.
///
/// - `ArchivePath`: where an entry stands, and the order of entries
/// - `Attributes`: extended attributes of an entry
/// - `CacheLock`: the cache folder, for one command at a time
/// - `EncodedPage`: a page's two parts, ready to be sealed
/// - `Entry`: a file, folder, link or device
/// - `EntryCursor`: the entries of a list, in step with a walk
/// - `EntryFormat`: numbers of the page format
/// - `Extent`: a run of a file's bytes, in a chunk or a hole
/// - `ListFormat`: numbers of the list's format
/// - `ListReader`: reads the client's list page by page
/// - `ListWriter`: writes the client's list while a backup runs
/// - `LongFile`: files that stand in pages as several parts
/// - `Metadata`: what every kind of entry has
/// - `PageBuilder`: writes the entries of one page
/// - `PageDecoder`: reads the entries of a page, strictly
/// - `PageEncoder`: cuts an archive's entries into pages
/// - `PageEnds`: which paths may end a page
/// - `PageReferences`: the chunks that a page uses
/// - `PageTables`: the names, sets and chunks that entries refer to by number
/// - `Root`: the signed part of an archive's head
/// - `RootContent`: the part of an archive's head that names things
/// - `SeenArchive`: the newest archive that this machine has committed
/// - `Sink`: bytes that are being written
/// - `Source`: bytes that are being read, strictly
@NullMarked
package org.holdfast.client.archive;

import org.jspecify.annotations.NullMarked;
