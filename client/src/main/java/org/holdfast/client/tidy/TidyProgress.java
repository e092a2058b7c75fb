package org.holdfast.client.tidy;

import java.util.concurrent.atomic.AtomicLong;

/// How far it is. Any thread may ask.
public final class TidyProgress {
  private final AtomicLong archives = new AtomicLong();
  private final AtomicLong archivesDone = new AtomicLong();
  private final AtomicLong pages = new AtomicLong();
  private final AtomicLong blocks = new AtomicLong();

  /// Archives that are to be counted.
  public long archives() {
    return archives.get();
  }

  /// Archives that were counted.
  public long archivesDone() {
    return archivesDone.get();
  }

  /// Pages whose references were read.
  public long pages() {
    return pages.get();
  }

  /// Blocks that were named to the server.
  public long blocks() {
    return blocks.get();
  }

  void archives(long more) {
    archives.addAndGet(more);
  }

  void archive() {
    archivesDone.incrementAndGet();
  }

  void page() {
    pages.incrementAndGet();
  }

  void blocks(long more) {
    blocks.addAndGet(more);
  }
}
