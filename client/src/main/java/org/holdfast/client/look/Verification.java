package org.holdfast.client.look;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.archive.Extent;
import org.holdfast.client.catalog.Archive;
import org.holdfast.client.catalog.BlockArrivals;
import org.holdfast.client.catalog.BlockSource;
import org.holdfast.client.catalog.NameCounts;
import org.holdfast.client.catalog.PageReader;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.jspecify.annotations.Nullable;

/// Proves archives by reading them, as a restore would: first all pages, each once however many
/// archives have it, then as many of the chunks as were asked for. A block that opens under its
/// name is what was stored, as both its seal and its name say so.
///
/// Holds 48 bytes for each different chunk, and 100 more for each that is read. Used once, by one
/// thread; chunks are read by several.
public final class Verification {
  /// Names of one request.
  private static final int BATCH = 256;

  private final BlockSource blocks;
  private final Sample sample;
  private final Spawner spawner;
  private final int readers;
  private final VerifyProgress progress;
  private final Consumer<String> problems;
  private final PageSweep sweep;
  private final NameCounts chunks = new NameCounts();
  private long entries;
  private long lostEntries;

  /// Looks at archives through these blocks.
  ///
  /// @param problems is told in a line of each entry that is not whole
  public Verification(
      BlockSource blocks,
      Sample sample,
      Spawner spawner,
      int readers,
      VerifyProgress progress,
      Consumer<String> problems) {
    this.blocks = blocks;
    this.sweep = new PageSweep(blocks);
    this.sample = sample;
    this.spawner = spawner;
    this.readers = readers;
    this.progress = progress;
    this.problems = problems;
  }

  /// Verifies them. A session that fails throws.
  public Result run(List<Archive> archives) throws HoldfastException {
    for (Archive each : archives) {
      readPages(each);
    }
    List<BlockName> wanted = wanted();
    progress.want(wanted.size());
    Map<BlockName, String> lost = readChunks(wanted);
    long damaged = lost.isEmpty() ? 0 : tellWhatNeeds(lost, archives);
    return new Result(
        archives.size(),
        entries,
        sweep.pages(),
        chunks.used(),
        wanted.size(),
        progress.bytes(),
        lostEntries,
        lost.size(),
        damaged);
  }

  private void readPages(Archive archive) throws HoldfastException {
    sweep.read(
        archive,
        entry -> {
          entries++;
          progress.entry();
          for (Extent.Piece piece : PageSweep.pieces(entry)) {
            chunks.raise(piece.chunk(), PageSweep.end(piece));
          }
        },
        lost -> {
          lostEntries += lost.entries();
          problems.accept(
              "archive %s: %d entries from %s on cannot be read: %s"
                  .formatted(
                      archive.info().id(),
                      lost.entries(),
                      ShownPath.of(lost.from()),
                      lost.reason()));
        });
  }

  private List<BlockName> wanted() {
    List<BlockName> wanted = new ArrayList<>();
    chunks.each((bytes, from, _) -> {
      BlockName name = NameCounts.name(bytes, from);
      if (sample.has(name)) {
        wanted.add(name);
      }
    });
    return wanted;
  }

  /// What is lost or damaged, and why.
  private Map<BlockName, String> readChunks(List<BlockName> wanted) throws HoldfastException {
    Map<BlockName, String> lost = new TreeMap<>();
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    ConcurrentLinkedQueue<List<BlockName>> batches = new ConcurrentLinkedQueue<>();
    for (int from = 0; from < wanted.size(); from += BATCH) {
      batches.add(wanted.subList(from, Math.min(wanted.size(), from + BATCH)));
    }
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < Math.min(readers, batches.size()); i++) {
      threads.add(spawner.spawn("verify " + i, () -> read(batches, lost, failure)));
    }
    try {
      for (Thread each : threads) {
        each.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("nobody interrupts a verification", e);
    }
    switch (failure.get()) {
      case null -> {}
      case HoldfastException e -> throw e;
      case Error e -> throw e;
      case Throwable e -> throw new IllegalStateException(e);
    }
    return lost;
  }

  private void read(
      ConcurrentLinkedQueue<List<BlockName>> batches,
      Map<BlockName, String> lost,
      AtomicReference<@Nullable Throwable> failure) {
    try {
      for (List<BlockName> batch = batches.poll();
          batch != null && failure.get() == null;
          batch = batches.poll()) {
        blocks.fetch(BlockClass.CHUNK, batch, new Arrivals(batch, lost));
      }
    } catch (Throwable e) {
      // Whoever waits for this thread throws it.
      failure.compareAndSet(null, e);
    }
  }

  private long tellWhatNeeds(Map<BlockName, String> lost, List<Archive> archives)
      throws HoldfastException {
    long damaged = 0;
    for (Archive archive : archives) {
      PageReader reader = PageReader.of(blocks, archive, ArchivePath.ROOT);
      ArchivePath told = ArchivePath.ROOT;
      for (PageReader.Step step = reader.next(); step != null; step = reader.next()) {
        if (!(step instanceof PageReader.Found(Entry entry)) || entry.path().equals(told)) {
          continue;
        }
        for (Extent.Piece piece : PageSweep.pieces(entry)) {
          String reason = lost.get(piece.chunk());
          if (reason != null) {
            damaged++;
            told = entry.path();
            problems.accept(
                "archive %s: %s is not whole: %s"
                    .formatted(archive.info().id(), ShownPath.of(told), reason));
            break;
          }
        }
      }
    }
    return damaged;
  }

  /// Opens chunks of one request as they come.
  private final class Arrivals implements BlockArrivals<HoldfastException> {
    private final List<BlockName> names;
    private final Map<BlockName, String> lost;

    Arrivals(List<BlockName> names, Map<BlockName, String> lost) {
      this.names = names;
      this.lost = lost;
    }

    @Override
    public void block(int index, ByteBuffer sealed) throws HoldfastException {
      BlockName name = names.get(index);
      try {
        blocks.chunk(
            name,
            sealed,
            content -> {
              if (content.remaining() < chunks.count(name)) {
                lose(name, "a chunk is shorter than files need it");
              }
            });
      } catch (CorruptException e) {
        lose(name, e.getMessage());
      }
      progress.chunk(sealed.remaining());
    }

    @Override
    public void lost(int index, String reason) {
      lose(names.get(index), reason);
      progress.chunk(0);
    }

    private void lose(BlockName name, String reason) {
      synchronized (lost) {
        lost.put(name, reason);
      }
    }
  }

  /// What was found.
  ///
  /// @param entries different ones, as pages that several archives have are read once
  /// @param chunks different ones that these need
  /// @param chunksRead of them, as many as were asked for
  /// @param bytesRead sealed
  /// @param entriesLost in pages that cannot be read
  /// @param chunksLost of those that were read
  /// @param filesDamaged that need one of these, in each archive
  public record Result(
      int archives,
      long entries,
      long pages,
      long chunks,
      long chunksRead,
      long bytesRead,
      long entriesLost,
      long chunksLost,
      long filesDamaged) {
    public boolean isWhole() {
      return entriesLost == 0 && chunksLost == 0;
    }
  }
}
