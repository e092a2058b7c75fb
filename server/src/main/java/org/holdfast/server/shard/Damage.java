package org.holdfast.server.shard;

import org.holdfast.log.SegmentId;

/// What is wrong with an object of the log.
public enum Damage {
  /// It is not there.
  MISSING("is missing from the bucket", ", and the blocks in it are lost"),
  /// Bytes of blocks are not what was stored, or are cut off.
  DATA("is damaged", ", and blocks in it are lost"),
  /// The blocks that were asked for are there; the index could not be made again from the bucket.
  HEADER("has a damaged header", ": its blocks can be read only as long as the index is good");

  private final String what;
  private final String consequence;

  Damage(String what, String consequence) {
    this.what = what;
    this.consequence = consequence;
  }

  /// One line: what happened, to what, and what to do.
  public String line(SegmentId segment) {
    return brief(segment) + consequence + ": restore the object from a copy of the bucket";
  }

  /// What happened, to what.
  String brief(SegmentId segment) {
    return "object " + segment.key() + " (" + segment + ") " + what;
  }
}
