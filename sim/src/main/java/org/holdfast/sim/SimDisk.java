package org.holdfast.sim;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.holdfast.core.RefusedException;
import org.holdfast.server.index.Batch;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.IndexException;
import org.holdfast.server.index.MemoryIndex;
import org.jspecify.annotations.Nullable;

/// A server's own disk: folders, and the indexes in them. What an index was not told to flush may
/// be lost in a crash, from some batch on. While it is full nothing can be written, but all read.
final class SimDisk implements AutoCloseable {
  private final FileSystem files = SmallDisk.make();
  private final Map<Integer, Stored> indexes = new TreeMap<>();
  private int numbers;
  private boolean full;
  private boolean hasBeenFull;

  Path folder() {
    return files.getPath("/state");
  }

  /// Opens the index in a folder, as a process would.
  Index open(Path folder) throws RefusedException {
    try {
      Stored stored = stored(folder);
      return new Opened(stored, stored.view());
    } catch (UncheckedIOException e) {
      throw new RefusedException("the index in " + folder + " cannot be opened", e);
    }
  }

  /// There is no room any more, or there is again.
  void fill(boolean isFull) {
    full = isFull;
    hasBeenFull |= isFull;
    SmallDisk.fill(files, isFull);
  }

  /// Whether there was no room at some time.
  boolean hasBeenFull() {
    return hasBeenFull;
  }

  /// A file in the folder says which index it holds, so that folders can be moved.
  private Stored stored(Path folder) {
    Path mark = folder.resolve("number");
    try {
      if (!Files.exists(mark) || Files.size(mark) == 0) {
        Files.createDirectories(folder);
        Files.writeString(mark, Integer.toString(++numbers));
        indexes.put(numbers, new Stored());
      }
      return Objects.requireNonNull(indexes.get(Integer.parseInt(Files.readString(mark))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The index in a folder, if one was begun there.
  private Optional<Stored> begun(Path folder) {
    Path mark = folder.resolve("number");
    try {
      return Files.exists(mark) && Files.size(mark) > 0
          ? Optional.ofNullable(indexes.get(Integer.parseInt(Files.readString(mark))))
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The process is gone: each index keeps what was flushed and some of the batches after it.
  void crash(SplittableRandom random) {
    for (Stored each : indexes.values()) {
      each.crash(random.nextInt(each.waiting.size() + 1));
    }
  }

  /// Nothing is left.
  void wipe() {
    indexes.clear();
    delete(folder());
  }

  /// Another disk with the index as a process sees it now, whatever a crash would leave of it.
  SimDisk copy() {
    SimDisk copy = new SimDisk();
    begun(folder().resolve("index"))
        .ifPresent(index -> {
          Stored stored = copy.stored(copy.folder().resolve("index"));
          stored.durable.putAll(index.durable);
          index.waiting.forEach(stored::apply);
        });
    return copy;
  }

  /// A copy of what is on it now, for [#goBack].
  Snapshot snapshot() {
    return new Snapshot(
        begun(folder().resolve("index")).map(index -> new TreeMap<>(index.durable)).orElse(null));
  }

  /// An old copy of the disk is put in its place.
  void goBack(Snapshot old) {
    wipe();
    if (old.rows != null) {
      boolean wasFull = full;
      fill(false);
      stored(folder().resolve("index")).durable.putAll(old.rows);
      fill(wasFull);
    }
  }

  private static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      files.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The rows of an index at some moment; none if there was no index.
  record Snapshot(@Nullable TreeMap<byte[], byte[]> rows) {}

  /// What of an index is on the disk, and what waits to get there.
  private static final class Stored {
    final TreeMap<byte[], byte[]> durable = new TreeMap<>(Arrays::compareUnsigned);
    final List<Batch> waiting = new ArrayList<>();

    MemoryIndex view() {
      MemoryIndex view = new MemoryIndex();
      Batch all = new Batch();
      durable.forEach(all::put);
      view.write(all);
      waiting.forEach(view::write);
      return view;
    }

    void crash(int kept) {
      waiting.subList(0, kept).forEach(this::apply);
      waiting.clear();
    }

    void flush() {
      waiting.forEach(this::apply);
      waiting.clear();
    }

    private void apply(Batch batch) {
      for (Batch.Change change : batch.changes()) {
        byte[] value = change.value();
        if (value == null) {
          durable.remove(change.key());
        } else {
          durable.put(change.key(), value);
        }
      }
    }
  }

  private final class Opened implements Index {
    private final Stored stored;
    private final MemoryIndex view;
    private boolean closed;

    Opened(Stored stored, MemoryIndex view) {
      this.stored = stored;
      this.view = view;
    }

    private void checkOpen() {
      if (closed) {
        throw new IndexException("read", new IOException("it is closed"));
      }
    }

    private void checkRoom(String verb) {
      if (full) {
        throw new IndexException(verb, new IOException("no space left on device"));
      }
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
      checkOpen();
      return view.get(key);
    }

    @Override
    public void write(Batch batch) {
      checkOpen();
      checkRoom("written");
      stored.waiting.add(batch);
      view.write(batch);
    }

    @Override
    public void scan(byte[] prefix, RowSink sink) {
      checkOpen();
      view.scan(prefix, sink);
    }

    @Override
    public List<Row> page(byte[] prefix, byte[] after, int limit) {
      checkOpen();
      return view.page(prefix, after, limit);
    }

    @Override
    public void flush() {
      checkOpen();
      checkRoom("flushed");
      stored.flush();
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
