package org.holdfast.server.index;

/// The local disk fails, or is full. Nothing in the bucket is touched: delete the index, rebuild.
public final class IndexException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public IndexException(String verb, Exception cause) {
    super(
        "the local index cannot be "
            + verb
            + " ("
            + cause.getMessage()
            + "): check the disk, then start again; `holdfast rebuild` makes the index anew",
        cause);
  }
}
