/// The archives that a machine has on a server, and the way to what is in them.
///
/// - `Archive`: an archive with its list of pages
/// - `ArchiveInfo`: what a list says of an archive
/// - `ArchiveList`: a machine's archives, and how a person names one
/// - `ArchivePart`: what `ARCHIVE:PATH` stands for
/// - `BlockArrivals`: takes in blocks as they come
/// - `BlockSource`: fetches blocks and opens them
/// - `Catalog`: reads and checks the list of archives
/// - `ChainCheck`: finds archives that are missing or replaced
/// - `DeletedArchives`: archives that can be brought back
/// - `KnownArchives`: what was found of roots before, in the cache folder
/// - `KnownFormat`: its bytes
/// - `ListCheck`: whether a list of archives is what this machine knows it to be
/// - `NameCounts`: a number for each of many names
/// - `PageReader`: steps through the entries of an archive
/// - `RootCheck`: whether a root is what the server says, and signed
/// - `RootListing`: the list of archives, read root by root
/// - `UnreadableArchive`: an archive whose root cannot be read or trusted
@NullMarked
package org.holdfast.client.catalog;

import org.jspecify.annotations.NullMarked;
