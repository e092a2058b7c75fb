package org.holdfast.client.tree;

import java.util.List;

/// What is put on an entry after its content: all but its type, name and content.
///
/// `mode` has twelve bits; `uid` and `gid` are unsigned 32-bit numbers, or [#NO_OWNER].
public record Metadata(
    int mode, long uid, long gid, Timestamp mtime, List<ExtendedAttribute> attributes) {
  /// Leaves an owner as it is, as `chown` has it.
  public static final long NO_OWNER = 0xffff_ffffL;

  public Metadata {
    attributes = List.copyOf(attributes);
  }

  /// The metadata that an entry was seen to have.
  public static Metadata of(FileStatus status, List<ExtendedAttribute> attributes) {
    return new Metadata(status.mode(), status.uid(), status.gid(), status.mtime(), attributes);
  }
}
