package org.holdfast.client.catalog;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.archive.PageDecoder;
import org.holdfast.client.archive.RootContent;
import org.holdfast.client.archive.RootContent.PageStart;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.seal.Pair;
import org.jspecify.annotations.Nullable;

/// Steps through the entries of some pages of an archive, in order.
///
/// - Long files come in parts, as they stand in the pages.
/// - Pages are fetched ahead, as many at a time as make about [#BATCH_BYTES]; sealed pages that are
///   held never exceed [#HELD_BYTES_MAX] and one page. One page at a time is open.
/// - A page that is lost or damaged is one step, and the reading goes on behind it.
///
/// One thread.
public final class PageReader {
  private static final int BATCH_BYTES = 4 << 20;
  private static final int HELD_BYTES_MAX = 16 << 20;
  private static final int BATCH_MIN = 4;
  private static final int BATCH_MAX = 128;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final BlockSource blocks;
  private final List<BlockName> names;
  private final RootContent content;
  private final BitSet wanted;
  private final Map<Integer, Arrived> held = new HashMap<>();

  private int batch = BATCH_MIN;
  private long heldBytes;
  private int page = -1;
  private @Nullable PageDecoder open;
  private @Nullable ArchivePath last;
  private int left;

  /// Reads the pages whose numbers are set.
  public PageReader(BlockSource blocks, Archive archive, BitSet pages) {
    this.blocks = blocks;
    this.names = archive.root().pages();
    this.content = archive.content();
    this.wanted = (BitSet) pages.clone();
  }

  /// Reads the pages that can hold entries of a subtree. Entries beside it come too.
  public static PageReader of(BlockSource blocks, Archive archive, ArchivePath subtree) {
    return new PageReader(blocks, archive, pages(archive, subtree));
  }

  /// The numbers of the pages that can hold entries of a subtree.
  public static BitSet pages(Archive archive, ArchivePath subtree) {
    RootContent.PageRange range = archive.content().pagesFor(subtree);
    BitSet pages = new BitSet();
    pages.set(range.from(), range.to());
    return pages;
  }

  /// The number of the one page where the entry of that path must be, if it is there at all; none
  /// if the archive is empty.
  public static BitSet page(Archive archive, ArchivePath path) {
    RootContent.PageRange range = archive.content().pagesFor(path);
    BitSet pages = new BitSet();
    if (!range.isEmpty()) {
      pages.set(range.from());
    }
    return pages;
  }

  /// The entry of a path, or its page's loss; null if there is none.
  public static @Nullable Step find(BlockSource blocks, Archive archive, ArchivePath path)
      throws HoldfastException {
    PageReader reader = new PageReader(blocks, archive, page(archive, path));
    for (Step step = reader.next(); step != null; step = reader.next()) {
      switch (step) {
        case Lost lost -> {
          return lost;
        }
        case Found found -> {
          int order = found.entry().path().compareTo(path);
          if (order >= 0) {
            return order == 0 ? found : null;
          }
        }
      }
    }
    return null;
  }

  /// The next step, or null at the end.
  public @Nullable Step next() throws HoldfastException {
    while (left == 0) {
      page = wanted.nextSetBit(page + 1);
      if (page < 0) {
        page = Integer.MAX_VALUE - 1;
        return null;
      }
      Step lost = openPage();
      if (lost != null) {
        return lost;
      }
    }
    return entry();
  }

  /// The number of the page that the last step came from.
  public int page() {
    return page;
  }

  private Step entry() {
    PageDecoder decoder = open;
    try {
      if (decoder == null) {
        throw new CorruptException("it is not open");
      }
      Entry entry = decoder.next();
      checkPlace(entry);
      left--;
      last = entry.path();
      return new Found(entry);
    } catch (CorruptException e) {
      return lose(last == null ? start(page).first() : last, e.getMessage());
    }
  }

  /// Entries lie between the beginnings of their page and of the next, in order.
  private void checkPlace(Entry entry) throws CorruptException {
    ArchivePath path = entry.path();
    boolean begins = left == start(page).entries();
    boolean later = entry instanceof Entry.RegularFile file && file.offset() > 0;
    boolean ordered = last == null || last.compareTo(path) < (later ? 1 : 0);
    boolean ends = page + 1 == names.size() || path.compareTo(start(page + 1).first()) <= 0;
    if (!ordered || !ends || (begins && !path.equals(start(page).first()))) {
      throw new CorruptException("its entries are not where the archive's root says");
    }
  }

  private @Nullable Step openPage() throws HoldfastException {
    Arrived arrived = take();
    left = start(page).entries();
    if (arrived.sealed.remaining() == 0) {
      return lose(start(page).first(), arrived.reason);
    }
    try {
      Pair pair = blocks.pair(BlockClass.PAGE, names.get(page), arrived.sealed);
      PageDecoder decoder =
          new PageDecoder(Bytes.wrap(pair.references()), Bytes.wrap(pair.content()));
      if (decoder.count() != left) {
        throw new CorruptException("it has not as many entries as the archive's root says");
      }
      open = decoder;
      return null;
    } catch (CorruptException e) {
      return lose(start(page).first(), e.getMessage());
    }
  }

  private Lost lose(ArchivePath from, String reason) {
    int entries = left;
    left = 0;
    open = null;
    ArchivePath until = page + 1 < names.size() ? start(page + 1).first() : null;
    return new Lost(from, until, entries, reason);
  }

  private Arrived take() throws HoldfastException {
    Arrived arrived = held.remove(page);
    if (arrived == null) {
      fetch();
      arrived = held.remove(page);
    }
    if (arrived == null) {
      return new Arrived(NOTHING, "the server did not answer for it");
    }
    heldBytes -= arrived.sealed.remaining();
    return arrived;
  }

  /// Fetches this page and some of the next ones.
  private void fetch() throws HoldfastException {
    List<Integer> numbers = new ArrayList<>();
    for (int i = page; i >= 0 && numbers.size() < batch; i = wanted.nextSetBit(i + 1)) {
      if (!held.containsKey(i)) {
        numbers.add(i);
      }
    }
    List<BlockName> asked = numbers.stream().map(names::get).toList();
    blocks.fetch(
        BlockClass.PAGE,
        asked,
        new BlockArrivals<RuntimeException>() {
          @Override
          public void block(int index, ByteBuffer sealed) {
            hold(numbers.get(index), new Arrived(sealed, ""));
          }

          @Override
          public void lost(int index, String reason) {
            hold(numbers.get(index), new Arrived(NOTHING, reason));
          }
        });
    long mean = Math.max(1, heldBytes / Math.max(1, held.size()));
    batch = Math.clamp(BATCH_BYTES / mean, BATCH_MIN, BATCH_MAX);
  }

  /// Drops a page that is too much beyond this one; it is fetched again when its turn comes.
  private void hold(int number, Arrived arrived) {
    if (number == page || heldBytes + arrived.sealed.remaining() <= HELD_BYTES_MAX) {
      heldBytes += arrived.sealed.remaining();
      held.put(number, arrived);
    }
  }

  private PageStart start(int number) {
    return content.pages().get(number);
  }

  /// One step of a reading.
  public sealed interface Step {}

  /// An entry, or a part of a long file.
  public record Found(Entry entry) implements Step {}

  /// Entries that cannot be read: all of a page, or what is left of it. They lie from `from` on,
  /// before `until` (null: to the end of the archive).
  public record Lost(ArchivePath from, @Nullable ArchivePath until, int entries, String reason)
      implements Step {
    /// Whether that entry may be one of them. A range that begins and ends with the same path is a
    /// part of a long file.
    public boolean mayHold(ArchivePath path) {
      boolean isBefore = until == null || path.compareTo(until) < 0;
      return path.equals(from) || (isBefore && path.compareTo(from) > 0);
    }
  }

  /// A fetched page; without bytes if it is lost.
  private record Arrived(ByteBuffer sealed, String reason) {}
}
