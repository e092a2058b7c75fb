package org.holdfast.client.backup;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import javax.crypto.SecretKey;
import org.holdfast.client.archive.EncodedPage;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.archive.ListWriter;
import org.holdfast.client.archive.PageEncoder;
import org.holdfast.client.archive.RootContent.PageStart;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.HoldfastException;

/// Turns entries into pages, in order. An entry waits here until every byte of it has its place and
/// its chunks have names.
///
/// One thread at a time.
final class ArchiveWriter {
  private final PageEncoder encoder;
  private final BlockStore blocks;
  private final ListWriter list;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private final List<BlockName> pages = new ArrayList<>();
  private final List<PageStart> starts = new ArrayList<>();
  private long entries;
  private long bytes;

  ArchiveWriter(SecretKey pageKey, BlockStore blocks, ListWriter list) {
    this.encoder = new PageEncoder(pageKey);
    this.blocks = blocks;
    this.list = list;
  }

  /// An entry that is complete.
  void add(Entry entry) throws HoldfastException, IOException {
    waiting.addLast(new Ready(entry));
    advance();
  }

  /// A regular file whose extents are still to come; `file` completes the entry without them.
  void add(FileExtents extents, WithExtents file) throws HoldfastException, IOException {
    waiting.addLast(new Unplaced(extents, file));
    advance();
  }

  /// Entries that wait.
  int waiting() {
    return waiting.size();
  }

  /// Finishes the entries that need not wait.
  void advance() throws HoldfastException, IOException {
    while (!waiting.isEmpty() && waiting.getFirst().isReady()) {
      encode(waiting.removeFirst().entry());
    }
  }

  /// Finishes all entries, and the last page. Every file's data must have its place.
  void finish() throws HoldfastException, IOException {
    settle();
    var last = encoder.finish();
    if (last.isPresent()) {
      page(last.get());
    }
  }

  /// Finishes all entries that have come so far.
  void settle() throws HoldfastException, IOException {
    while (!waiting.isEmpty()) {
      encode(waiting.removeFirst().entry());
    }
  }

  List<BlockName> pages() {
    return pages;
  }

  List<PageStart> starts() {
    return starts;
  }

  long entries() {
    return entries;
  }

  long bytes() {
    return bytes;
  }

  private void encode(Entry entry) throws HoldfastException, IOException {
    for (EncodedPage page : encoder.add(entry)) {
      page(page);
    }
  }

  private void page(EncodedPage page) throws HoldfastException, IOException {
    pages.add(blocks.pair(BlockClass.PAGE, page.references(), page.content()));
    starts.add(PageStart.of(page));
    list.add(page);
    entries += page.entries();
    bytes += page.bytes();
  }

  /// Completes an entry.
  interface WithExtents {
    Entry entry(FileExtents extents) throws HoldfastException;
  }

  private sealed interface Waiting {
    boolean isReady();

    Entry entry() throws HoldfastException;
  }

  private record Ready(Entry entry) implements Waiting {
    @Override
    public boolean isReady() {
      return true;
    }
  }

  private record Unplaced(FileExtents extents, WithExtents file) implements Waiting {
    @Override
    public boolean isReady() {
      return extents.isReady();
    }

    @Override
    public Entry entry() throws HoldfastException {
      return file.entry(extents);
    }
  }
}
