package org.holdfast.client.restore;

import java.util.List;
import org.holdfast.client.archive.ArchivePath;

/// What to restore of an archive, and how.
///
/// @param subtree the entry to restore with all below it; the root for a whole archive
/// @param includes whole paths in the archive, within the subtree, to restore instead of all of it
/// @param resume go on in a folder that an interrupted restore has begun to fill
/// @param numericIds take owners by number, whatever names the numbers had
public record RestoreOptions(
    ArchivePath subtree, List<ArchivePath> includes, boolean resume, boolean numericIds) {
  /// All of an archive into an empty folder.
  public static final RestoreOptions WHOLE =
      new RestoreOptions(ArchivePath.ROOT, List.of(), false, false);

  public RestoreOptions {
    includes = List.copyOf(includes);
  }
}
