package org.holdfast.sim;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.holdfast.core.RefusedException;
import org.holdfast.server.index.Batch;
import org.holdfast.server.index.BatchedRows;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.IndexException;
import org.holdfast.server.index.MemoryIndex;
import org.jspecify.annotations.Nullable;

/// A server's own disk: a [Volume], and the indexes in its folders. What an index was not told to
/// flush may be lost in a crash, from some batch on. While it is full nothing can be written, but
/// all read. What came of an image lies in [Tables], whose checksums are looked at.
final class SimDisk {
  private static final List<String> STATE = List.of("state");
  private static final List<String> INDEX = List.of("state", "index");

  private final Volume volume = new Volume();
  private boolean hasBeenFull;

  /// By the file in its folder that stands for all of an index's own.
  private final Map<Volume.Node, Stored> indexes = new LinkedHashMap<>();

  /// The state folder, as a process sees it.
  Path folder(DiskUser user) {
    return new VolumeFiles(volume, user).getPath("/" + STATE.getFirst());
  }

  /// Opens the index in a folder, as a process would.
  Index open(Path folder, DiskUser user) throws RefusedException {
    try {
      user.reads();
      List<String> names = names(folder);
      Stored stored = stored(names);
      return new Opened(stored, names, stored.tables.areWhole(volume, names), user);
    } catch (IOException | UncheckedIOException e) {
      throw new RefusedException("the index in " + folder + " cannot be opened (" + e + ")", e);
    }
  }

  private static List<String> names(Path folder) {
    return ((VolumePath) folder).normalize().names();
  }

  /// Opens what was linked, to read.
  private Index openLinked(Path folder, DiskUser user) throws RefusedException {
    try {
      user.reads();
      List<String> names = names(folder);
      Stored stored = new Stored(Tables.open(volume, names));
      boolean areWhole = stored.tables.areWhole(volume, names);
      if (areWhole) {
        stored.tables.readTo(stored.durable);
      }
      return new Opened(stored, names, areWhole, user);
    } catch (IOException e) {
      throw new RefusedException("the index in " + folder + " cannot be opened (" + e + ")", e);
    }
  }

  /// There is no room any more, or there is again.
  void fill(boolean isFull) {
    volume.fill(isFull);
    hasBeenFull |= isFull;
  }

  /// Whether there was no room at some time.
  boolean hasBeenFull() {
    return hasBeenFull;
  }

  /// The index in a folder, which is made where there is none: of files, if an image's were
  /// fetched.
  private Stored stored(List<String> folder) {
    Optional<Stored> begun = begun(folder);
    if (begun.isPresent()) {
      return begun.get();
    }
    try {
      for (int i = 1; i <= folder.size(); i++) {
        if (volume.find(folder.subList(0, i)) == null) {
          volume.add(folder.subList(0, i), new Volume.Folder());
        }
      }
      boolean isFetched = Tables.areIn(volume, folder);
      Stored stored = new Stored(isFetched ? Tables.open(volume, folder) : new Tables());
      if (stored.tables.areWhole(volume, folder)) {
        stored.tables.readTo(stored.durable);
      }
      Volume.Node rows = new Volume.Content();
      volume.add(rows(folder), rows);
      // As the index's library does, which knows nothing of the folder around its own.
      volume.folder(folder).force();
      indexes.put(rows, stored);
      return stored;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> rows(List<String> folder) {
    List<String> names = new ArrayList<>(folder);
    names.add("rows");
    return names;
  }

  /// The index in a folder, if one was begun there.
  private Optional<Stored> begun(List<String> folder) {
    return Optional.ofNullable(volume.find(rows(folder))).map(indexes::get);
  }

  /// The process is gone: each index keeps what was flushed and some of the batches after it. If it
  /// is gone because the power is, what was not forced may be gone too.
  void crash(SplittableRandom random, Faults faults) {
    boolean isPowerCut = faults.strike(Rates::powerCut);
    for (Stored each : indexes.values()) {
      int kept = random.nextInt(each.waiting.size() + 1);
      boolean isTorn = isPowerCut && kept > 1 && faults.strike(Rates::torn);
      each.crash(kept, isTorn ? random.nextInt(kept - 1) : kept);
    }
    if (isPowerCut) {
      volume.cutPower(random);
    }
  }

  /// Whether its index is known not to be what the log says, and no server has taken it yet, or
  /// cannot be read, as that of an image is whose files were not forced when the power went.
  boolean isTorn() {
    return begun(INDEX).map(index -> index.isTorn || !isReadable(index)).orElse(false);
  }

  private boolean isReadable(Stored index) {
    try {
      return index.tables.areWhole(volume, INDEX);
    } catch (IOException e) {
      return false;
    }
  }

  /// A server serves from it: from here on its index is what the log says.
  void vouch() {
    begun(INDEX).ifPresent(index -> index.isTorn = false);
  }

  /// Nothing is left.
  void wipe() {
    indexes.clear();
    volume.wipe();
  }

  /// Another disk with the index as a process sees it now, whatever a crash would leave of it.
  SimDisk copy() {
    SimDisk copy = new SimDisk();
    begun(INDEX)
        .filter(index -> !index.isTorn)
        .ifPresent(index -> {
          Stored stored = copy.stored(INDEX);
          stored.durable.putAll(index.durable);
          index.waiting.forEach(stored::apply);
        });
    return copy;
  }

  /// A copy of what is on it now, for [#goBack].
  Snapshot snapshot() {
    return new Snapshot(
        begun(INDEX)
            .filter(index -> !index.isTorn)
            .map(index -> new TreeMap<>(index.durable))
            .orElse(null));
  }

  /// An old copy of the disk is put in its place.
  void goBack(Snapshot old) {
    wipe();
    if (old.rows != null) {
      stored(INDEX).durable.putAll(old.rows);
    }
  }

  /// The rows of an index at some moment; none if there was no index.
  record Snapshot(@Nullable TreeMap<byte[], byte[]> rows) {}

  /// What of an index is on the disk, and what waits to get there.
  private static final class Stored {
    final TreeMap<byte[], byte[]> durable = new TreeMap<>(Arrays::compareUnsigned);
    final List<Batch> waiting = new ArrayList<>();
    final Tables tables;
    boolean isTorn;

    Stored(Tables tables) {
      this.tables = tables;
    }

    MemoryIndex view() {
      MemoryIndex view = new MemoryIndex();
      Batch all = new Batch();
      durable.forEach(all::put);
      view.write(all);
      waiting.forEach(view::write);
      return view;
    }

    /// Keeps so many batches but the one that is missing, if it is one of them.
    void crash(int kept, int missing) {
      for (int i = 0; i < kept; i++) {
        if (i != missing) {
          apply(waiting.get(i));
        }
      }
      isTorn |= missing < kept;
      waiting.clear();
    }

    void flush() {
      waiting.forEach(this::apply);
      waiting.clear();
    }

    private void apply(Batch batch) {
      for (Batch.Change change : batch.changes()) {
        tables.changed(change);
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
    private final List<String> folder;
    private final boolean isWhole;
    private final MemoryIndex view;
    private final DiskUser user;
    private boolean closed;

    /// Of one that is not whole nothing can be read.
    Opened(Stored stored, List<String> folder, boolean isWhole, DiskUser user) {
      this.stored = stored;
      this.folder = folder;
      this.isWhole = isWhole;
      this.view = stored.view();
      this.user = user;
    }

    private void checkOpen() {
      if (closed) {
        throw new IndexException("read", new IOException("it is closed"));
      }
    }

    private void checkReadable() {
      checkOpen();
      if (!isWhole) {
        throw new IndexException("read", new IOException("Corruption: block checksum mismatch"));
      }
    }

    private void checkRoom(String verb) {
      if (volume.isFull()) {
        throw new IndexException(verb, new IOException("no space left on device"));
      }
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
      checkReadable();
      return view.get(key);
    }

    @Override
    public void write(Batch batch) {
      checkOpen();
      checkRoom("written");
      user.changes();
      stored.waiting.add(batch);
      view.write(batch);
    }

    @Override
    public void scan(byte[] prefix, RowSink sink) {
      checkReadable();
      view.scan(prefix, sink);
    }

    @Override
    public List<Row> page(byte[] prefix, byte[] after, int limit) {
      checkReadable();
      return view.page(prefix, after, limit);
    }

    @Override
    public SortedRows sorted(Path file) {
      return new BatchedRows(this);
    }

    /// What waits comes to the disk with it.
    @Override
    public boolean linkTo(Path to) {
      checkOpen();
      checkRoom("linked");
      user.changes();
      stored.flush();
      try {
        stored.tables.link(volume, folder, names(to), user, stored.durable);
        return true;
      } catch (IOException e) {
        throw new IndexException("linked", e);
      }
    }

    @Override
    public Index openLinked(Path linked) throws RefusedException {
      return SimDisk.this.openLinked(linked, user);
    }

    @Override
    public void flush() {
      checkOpen();
      checkRoom("flushed");
      user.changes();
      stored.flush();
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
