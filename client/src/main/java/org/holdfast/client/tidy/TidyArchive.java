package org.holdfast.client.tidy;

import org.holdfast.client.catalog.UnreadableArchive;
import org.holdfast.core.BlockName;

/// What can be said of an archive without a single name. All of it is signed but `committedMillis`,
/// which is the server's word.
///
/// @param root names it; any unambiguous prefix of it in hex is an id
/// @param sequence its number among the machine's archives, from 1
/// @param previous the root before this one
/// @param committedMillis since 1970, by the server's clock
/// @param startMillis since 1970, by the client's clock, as `endMillis`
/// @param tag what retention groups by
/// @param newBytes sealed length of what its backup added
/// @param pages how many it has
/// @param partial whether it is a checkpoint of a backup that was cut off
public record TidyArchive(
    BlockName root,
    long sequence,
    BlockName previous,
    long committedMillis,
    long startMillis,
    long endMillis,
    String tag,
    long entries,
    long bytes,
    long newBytes,
    int pages,
    boolean partial) {
  private static final int SHORT_ID_DIGITS = 12;

  /// The same as one that cannot be read.
  UnreadableArchive unreadable(String reason) {
    return new UnreadableArchive(root, sequence, reason);
  }

  /// As many digits of the root's name as a person needs.
  public String id() {
    return root.toString().substring(0, SHORT_ID_DIGITS);
  }
}
