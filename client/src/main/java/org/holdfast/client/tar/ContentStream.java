package org.holdfast.client.tar;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.holdfast.client.archive.Extent;
import org.holdfast.client.catalog.BlockArrivals;
import org.holdfast.client.catalog.BlockSource;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;

/// Writes bytes and pieces of chunks in the order in which they are given. Chunks are fetched some
/// at a time, each once for pieces that are near each other, as those of small files are. Holds at
/// most [#CHUNKS_MAX] chunks. One thread.
final class ContentStream {
  /// Of 1 MiB in the mean, and 4 MiB at most.
  private static final int CHUNKS_MAX = 8;

  private static final int ITEMS_MAX = 4_096;
  private static final byte[] ZEROS = new byte[64 << 10];

  private final BlockSource blocks;
  private final OutputStream out;
  private final List<Item> items = new ArrayList<>();
  private final Set<BlockName> wanted = new LinkedHashSet<>();
  private Map<BlockName, byte[]> chunks = new HashMap<>();
  private long written;

  ContentStream(BlockSource blocks, OutputStream out) {
    this.blocks = blocks;
    this.out = out;
  }

  /// Bytes that were given so far.
  long length() {
    return written;
  }

  void bytes(byte[] bytes) throws HoldfastException, IOException {
    add(new Item.Raw(bytes), bytes.length);
  }

  void zeros(long length) throws HoldfastException, IOException {
    if (length > 0) {
      add(new Item.Zeros(length), length);
    }
  }

  /// @param losses is told why, if the piece cannot be had: zeros are written in its place
  void extent(Extent extent, Consumer<String> losses) throws HoldfastException, IOException {
    switch (extent) {
      case Extent.Hole hole -> zeros(hole.length());
      case Extent.Piece piece -> {
        if (!wanted.contains(piece.chunk()) && wanted.size() == CHUNKS_MAX) {
          flush();
        }
        wanted.add(piece.chunk());
        add(new Item.Content(piece, losses), piece.length());
      }
    }
  }

  /// Writes what waits.
  void flush() throws HoldfastException, IOException {
    fetch();
    for (Item each : items) {
      switch (each) {
        case Item.Raw(byte[] bytes) -> out.write(bytes);
        case Item.Zeros(long length) -> writeZeros(length);
        case Item.Content content -> write(content);
      }
    }
    items.clear();
    wanted.clear();
  }

  private void add(Item item, long length) throws HoldfastException, IOException {
    items.add(item);
    written += length;
    if (items.size() >= ITEMS_MAX) {
      flush();
    }
  }

  /// Keeps what is there of what is wanted: a chunk often goes on where the last ones ended.
  private void fetch() throws HoldfastException {
    Map<BlockName, byte[]> now = new HashMap<>();
    List<BlockName> missing = new ArrayList<>();
    for (BlockName each : wanted) {
      byte[] chunk = chunks.get(each);
      if (chunk == null) {
        missing.add(each);
      } else {
        now.put(each, chunk);
      }
    }
    chunks = now;
    reasons.clear();
    if (!missing.isEmpty()) {
      blocks.fetch(BlockClass.CHUNK, missing, new Arrivals(missing));
    }
  }

  private final Map<BlockName, String> reasons = new HashMap<>();

  private void write(Item.Content content) throws IOException {
    Extent.Piece piece = content.piece;
    byte[] chunk = chunks.get(piece.chunk());
    if (chunk == null) {
      content.losses.accept(reasons.getOrDefault(piece.chunk(), "it is lost"));
      writeZeros(piece.length());
    } else if (piece.offset() + piece.length() > chunk.length) {
      content.losses.accept("a chunk is shorter than the file needs it");
      writeZeros(piece.length());
    } else {
      out.write(chunk, (int) piece.offset(), (int) piece.length());
    }
  }

  private void writeZeros(long length) throws IOException {
    for (long left = length; left > 0; ) {
      int now = (int) Math.min(left, ZEROS.length);
      out.write(ZEROS, 0, now);
      left -= now;
    }
  }

  /// Opens chunks as they come.
  private final class Arrivals implements BlockArrivals<HoldfastException> {
    private final List<BlockName> names;

    Arrivals(List<BlockName> names) {
      this.names = names;
    }

    @Override
    public void block(int index, ByteBuffer sealed) throws HoldfastException {
      BlockName name = names.get(index);
      try {
        blocks.chunk(
            name,
            sealed,
            content -> {
              byte[] chunk = new byte[content.remaining()];
              content.get(chunk);
              chunks.put(name, chunk);
            });
      } catch (CorruptException e) {
        lost(index, e.getMessage());
      }
    }

    @Override
    public void lost(int index, String reason) {
      reasons.put(names.get(index), reason);
    }
  }

  /// What waits to be written.
  private sealed interface Item {
    @SuppressWarnings("ArrayRecordComponent") // written once, never compared
    record Raw(byte[] bytes) implements Item {}

    record Zeros(long length) implements Item {}

    record Content(Extent.Piece piece, Consumer<String> losses) implements Item {}
  }
}
