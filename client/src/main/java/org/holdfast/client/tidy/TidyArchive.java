package org.holdfast.client.tidy;

import org.holdfast.client.catalog.ArchiveInfo;
import org.holdfast.client.catalog.UnreadableArchive;
import org.holdfast.core.BlockName;
import org.holdfast.protocol.Message;

/// What can be said of an archive by who tidies up. All of it is signed but `committedMillis`,
/// which is the server's word.
///
/// @param root names it; any unambiguous prefix of it in hex is an id
/// @param name empty if the key at hand cannot read it
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
    String name,
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

  static TidyArchive of(ArchiveInfo info) {
    return new TidyArchive(
        info.root(),
        info.name(),
        info.sequence(),
        info.previous(),
        info.committedMillis(),
        info.startMillis(),
        info.endMillis(),
        info.tag(),
        info.entries(),
        info.bytes(),
        info.newBytes(),
        info.pages(),
        info.partial());
  }

  /// As the server shows it.
  Message.Archive shown() {
    return new Message.Archive(root, sequence, committedMillis, partial);
  }

  /// The same as one that cannot be read.
  UnreadableArchive unreadable(String reason) {
    return new UnreadableArchive(root, sequence, reason);
  }

  /// As many digits of the root's name as a person needs.
  public String id() {
    return root.toString().substring(0, SHORT_ID_DIGITS);
  }
}
