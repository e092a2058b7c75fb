package org.holdfast.server.index;

import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The rows of an index whose keys begin alike, one after the other, a page of them in memory.
///
/// One thread.
public final class RowPages {
  private static final int PAGE_ROWS = 10_000;

  private final Index index;
  private final byte[] prefix;
  private Iterator<Index.Row> page;
  private byte[] last;
  private boolean hasMore = true;

  public RowPages(Index index, byte[] prefix) {
    this.index = index;
    this.prefix = prefix.clone();
    this.last = this.prefix;
    this.page = List.<Index.Row>of().iterator();
  }

  /// The next row in ascending order of the keys; null behind the last one.
  public Index.@Nullable Row next() {
    if (!page.hasNext() && hasMore) {
      List<Index.Row> rows = index.page(prefix, last, PAGE_ROWS);
      hasMore = rows.size() == PAGE_ROWS;
      page = rows.iterator();
    }
    if (!page.hasNext()) {
      return null;
    }
    Index.Row row = page.next();
    last = row.key();
    return row;
  }
}
