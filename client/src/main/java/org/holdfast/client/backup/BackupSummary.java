package org.holdfast.client.backup;

import java.util.List;
import java.util.Optional;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.RootContent.Unreadable;
import org.holdfast.core.BlockName;

/// What a backup did.
///
/// @param root the archive's id
/// @param others links, FIFOs and devices
/// @param bytes of all regular files
/// @param newBytes sealed length of the blocks that were stored, besides the root, which says the
///   same
/// @param mendedBlocks that were damaged at the server, and were stored again
/// @param lostBlocks that are damaged there, and that this backup had no use for
/// @param unchangedFiles regular files that were not read, as nothing about them had changed
/// @param changedWhileRead regular files that may be a mixture of old and new content
/// @param mountsSkipped folders left empty, as another file system is mounted there
/// @param syntheticSkipped folders left empty, as the kernel makes up what is in them
/// @param excluded entries left out as somebody has said so; what is in a folder is not counted
/// @param ownFoldersSkipped folders left empty, as Holdfast itself keeps things there
/// @param unreadable how many files could not be read; the first of them are in `named`
/// @param resumed whether it went on with one that was interrupted
/// @param deletedElsewhere one line, if the newest archive that was made from here and not deleted
///   is gone
public record BackupSummary(
    BlockName root,
    long sequence,
    String name,
    long files,
    long folders,
    long others,
    long bytes,
    long newBytes,
    long newBlocks,
    long mendedBlocks,
    long lostBlocks,
    long unchangedFiles,
    long changedWhileRead,
    long socketsSkipped,
    long mountsSkipped,
    long syntheticSkipped,
    long excluded,
    List<ArchivePath> ownFoldersSkipped,
    long unreadable,
    List<Unreadable> named,
    boolean resumed,
    Optional<String> deletedElsewhere,
    long millis) {
  public BackupSummary {
    ownFoldersSkipped = List.copyOf(ownFoldersSkipped);
    named = List.copyOf(named);
  }
}
