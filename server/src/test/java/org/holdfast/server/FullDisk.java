package org.holdfast.server;

import java.io.IOException;
import java.nio.file.Path;
import org.holdfast.server.index.ForwardingIndex;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.IndexException;

/// An index that can be written to, until it comes to files: for those its disk has no room.
final class FullDisk extends ForwardingIndex {
  FullDisk(Index inner) {
    super(inner);
  }

  @Override
  public SortedRows sorted(Path file) {
    throw new IndexException("written", new IOException("no room"));
  }

  @Override
  public void flush() {
    throw new IndexException("flushed", new IOException("no room"));
  }
}
