package org.holdfast.server.session;

import org.holdfast.protocol.Message;

/// What a request holds in memory until its reply is on its way, in bytes, roughly: what it names,
/// and what is found of that.
final class RequestCost {
  private static final int LEAST = 1024;

  /// A name as an object, and what a request to delete or to ask makes of it.
  private static final int NAME = 160;

  /// A name, its place, and the read that it belongs to.
  private static final int FETCHED = 320;

  /// An archive in a reply, with the deletion that hides it.
  private static final int ARCHIVE = 320;

  private RequestCost() {}

  static int of(Message request) {
    return LEAST
        + switch (request) {
          case Message.Has has -> NAME * has.names().size();
          case Message.Damaged _ -> NAME * Message.MAX_NAMES;
          case Message.Delete delete -> NAME * delete.names().size();
          case Message.Fetch fetch -> FETCHED * fetch.blocks().size();
          case Message.Archives archives -> ARCHIVE * archives.limit();
          case Message.Deleted deleted -> ARCHIVE * deleted.limit();
          default -> 0;
        };
  }
}
