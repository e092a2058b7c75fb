package org.holdfast.client.catalog;

import java.util.List;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.Root;
import org.holdfast.client.archive.RootContent;
import org.holdfast.core.BlockName;

/// What a list of archives says of one that can be read. All of it is signed but `committedMillis`,
/// which is the server's word.
///
/// @param name empty if the key at hand cannot read it, and then host, user, tags and paths are too
/// @param root names it; any unambiguous prefix of it in hex is an id
/// @param sequence its number among the machine's archives, from 1
/// @param previous the root before this one
/// @param committedMillis since 1970, by the server's clock
/// @param startMillis since 1970, by the client's clock, as `endMillis`
/// @param tag what retention groups by
/// @param paths that were asked for
/// @param newBytes sealed length of what this backup added
/// @param unreadable how many files could not be read
/// @param pages how many it has
/// @param partial whether this is a checkpoint of a backup that was cut off
public record ArchiveInfo(
    BlockName root,
    String name,
    long sequence,
    BlockName previous,
    long committedMillis,
    long startMillis,
    long endMillis,
    String host,
    String user,
    String tag,
    List<String> tags,
    List<ArchivePath> paths,
    long entries,
    long bytes,
    long newBytes,
    long unreadable,
    int pages,
    boolean partial) {
  private static final int SHORT_ID_DIGITS = 12;

  public static ArchiveInfo of(
      BlockName name, long committedMillis, Root root, RootContent content) {
    return new ArchiveInfo(
        name,
        content.name(),
        root.sequence(),
        root.previous(),
        committedMillis,
        root.startMillis(),
        root.endMillis(),
        content.host(),
        content.user(),
        root.tag(),
        content.tags(),
        content.paths(),
        root.entries(),
        root.bytes(),
        root.newBytes(),
        content.unreadable(),
        root.pages().size(),
        root.partial());
  }

  /// For who can read references only.
  public static ArchiveInfo nameless(BlockName name, long committedMillis, Root root) {
    return new ArchiveInfo(
        name,
        "",
        root.sequence(),
        root.previous(),
        committedMillis,
        root.startMillis(),
        root.endMillis(),
        "",
        "",
        root.tag(),
        List.of(),
        List.of(),
        root.entries(),
        root.bytes(),
        root.newBytes(),
        0,
        root.pages().size(),
        root.partial());
  }

  /// The same, committed at another time: that is the server's word, and in no root.
  ArchiveInfo committedAt(long millis) {
    return new ArchiveInfo(
        root,
        name,
        sequence,
        previous,
        millis,
        startMillis,
        endMillis,
        host,
        user,
        tag,
        tags,
        paths,
        entries,
        bytes,
        newBytes,
        unreadable,
        pages,
        partial);
  }

  /// As many digits of the root's name as a person needs.
  public String id() {
    return shortId(root);
  }

  static String shortId(BlockName root) {
    return root.toString().substring(0, SHORT_ID_DIGITS);
  }
}
