package org.holdfast.client.restore;

import java.util.List;
import org.holdfast.client.archive.ArchivePath;

/// What to restore of an archive, and how.
///
/// @param subtree the entry to restore with all below it; the root for a whole archive
/// @param includes whole paths in the archive, within the subtree, to restore instead of all of it
/// @param patterns what of that is left out again
/// @param strippedNames how many names are taken off the front of each path below the target; what
///   has no more than these is not restored
/// @param overwrite what becomes of files that are there already
/// @param owners whose the entries are to be
public record RestoreOptions(
    ArchivePath subtree,
    List<ArchivePath> includes,
    EntryPatterns patterns,
    int strippedNames,
    Overwrite overwrite,
    Owners owners) {
  /// All of an archive into an empty folder.
  public static final RestoreOptions WHOLE = of(ArchivePath.ROOT, List.of());

  public RestoreOptions {
    includes = List.copyOf(includes);
  }

  /// Into an empty folder.
  public static RestoreOptions of(ArchivePath subtree, List<ArchivePath> includes) {
    return new RestoreOptions(
        subtree, includes, EntryPatterns.ALL, 0, Overwrite.REFUSE, Owners.BY_NAME);
  }

  /// The same, with another way to treat what is there.
  public RestoreOptions over(Overwrite other) {
    return new RestoreOptions(subtree, includes, patterns, strippedNames, other, owners);
  }

  /// The same, for other owners.
  public RestoreOptions ownedBy(Owners other) {
    return new RestoreOptions(subtree, includes, patterns, strippedNames, overwrite, other);
  }

  /// The same, of what these patterns leave.
  public RestoreOptions matching(EntryPatterns other) {
    return new RestoreOptions(subtree, includes, other, strippedNames, overwrite, owners);
  }

  /// The same, with so many names less.
  public RestoreOptions stripped(int names) {
    return new RestoreOptions(subtree, includes, patterns, names, overwrite, owners);
  }
}
