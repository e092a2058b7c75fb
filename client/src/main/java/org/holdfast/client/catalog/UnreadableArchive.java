package org.holdfast.client.catalog;

import org.holdfast.core.BlockName;

/// An archive that the server lists but whose root is lost, damaged or not to be trusted.
///
/// Whether it is partial only its signed root could tell: it counts as whole, so that a server
/// cannot have an older one taken for the latest.
///
/// @param sequence as the server says
/// @param reason one line that follows a colon
public record UnreadableArchive(BlockName root, long sequence, String reason) {
  /// What is wrong, for a person.
  public String line() {
    return "archive number %d (%s) cannot be read: %s".formatted(sequence, id(), reason);
  }

  /// As many digits of the root's name as a person needs.
  public String id() {
    return ArchiveInfo.shortId(root);
  }
}
