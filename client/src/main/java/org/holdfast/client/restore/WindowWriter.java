package org.holdfast.client.restore;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.holdfast.client.catalog.BlockArrivals;
import org.holdfast.client.catalog.BlockSource;
import org.holdfast.client.restore.Window.FullFolder;
import org.holdfast.client.restore.Window.Link;
import org.holdfast.client.restore.Window.Target;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.client.tree.FileType;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;

/// Fetches the chunks of windows and has them written.
///
/// Windows are ended in the order in which they began: their links, then their folders, once all of
/// their files and those of earlier windows are complete. Two at most are fetched and written at a
/// time, each on a thread of its own, so that the way to the service does not lie idle between
/// them. One thread begins and ends.
final class WindowWriter {
  private static final int READY_AT_ONCE = 64;

  /// Each may hold a credit of blocks.
  private static final int OPEN_MAX = 2;

  private final BlockSource blocks;
  private final Destination destination;
  private final Workers workers;
  private final Spawner spawner;
  private final Deque<Fetched> open = new ArrayDeque<>();

  WindowWriter(BlockSource blocks, Destination destination, Workers workers, Spawner spawner) {
    this.blocks = blocks;
    this.destination = destination;
    this.workers = workers;
    this.spawner = spawner;
  }

  /// Starts to fetch what a window needs and to hand it to the workers as it comes.
  void begin(Window window) throws HoldfastException, FileAccessException, RestoreStopped {
    while (open.size() >= OPEN_MAX) {
      endFirst();
    }
    completeReady(window);
    CompletableFuture<Optional<Throwable>> end = new CompletableFuture<>();
    spawner.spawn("fetch", () -> end.complete(fetch(window)));
    open.add(new Fetched(window, end));
  }

  /// Returns why it failed; unheard, that would leave the restore waiting.
  private Optional<Throwable> fetch(Window window) {
    List<BlockName> chunks = List.copyOf(window.targets().keySet());
    try {
      blocks.fetch(BlockClass.CHUNK, chunks, new Arrivals(window, chunks));
      return Optional.empty();
    } catch (Throwable e) {
      return Optional.of(e);
    }
  }

  /// Waits until all is written.
  void end() throws HoldfastException, FileAccessException, RestoreStopped {
    while (!open.isEmpty()) {
      endFirst();
    }
  }

  private void completeReady(Window window) throws RestoreStopped {
    List<RestoredFile> ready = window.ready();
    for (int from = 0; from < ready.size(); from += READY_AT_ONCE) {
      List<RestoredFile> some =
          new ArrayList<>(ready.subList(from, Math.min(ready.size(), from + READY_AT_ONCE)));
      workers.submit(
          window.jobs(),
          0,
          () -> {
            for (RestoredFile each : some) {
              each.complete();
            }
          });
    }
  }

  private void endFirst() throws HoldfastException, FileAccessException, RestoreStopped {
    Fetched first = open.remove();
    Window window = first.window;
    Optional<Throwable> failure = first.end.join();
    if (failure.isPresent()) {
      throwOn(failure.get());
    }
    workers.await(window.jobs());
    for (Link each : window.links()) {
      link(each);
    }
    for (FullFolder each : window.folders()) {
      destination.attempt(each.path(), each.target(), () -> finish(each));
    }
  }

  private static void throwOn(Throwable failure) throws HoldfastException, RestoreStopped {
    switch (failure) {
      case HoldfastException e -> throw e;
      case RestoreStopped e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw new RestoreStopped(e);
      default -> throw new IllegalStateException(failure);
    }
  }

  private void link(Link link) throws FileAccessException {
    byte[] target = link.target();
    boolean created =
        destination.attempt(
            link.path(),
            target,
            () ->
                destination.create(
                    target, () -> destination.tree().createHardLink(target, link.existing())));
    if (created && link.isFile()) {
      destination.tally().addBytes(link.size());
      destination.tally().addFile(link.size());
    } else if (created) {
      destination.tally().addOther();
    }
  }

  private void finish(FullFolder folder) throws FileAccessException, CorruptException {
    destination
        .tally()
        .addShortfalls(
            destination
                .tree()
                .finish(folder.target(), FileType.FOLDER, destination.metadata(folder.metadata())));
  }

  private static void write(List<Target> targets, ByteBuffer chunk) throws FileAccessException {
    for (Target each : targets) {
      each.file().write(each.position(), chunk, each.offset(), each.length());
    }
  }

  private static void lose(List<Target> targets, String reason) throws FileAccessException {
    for (Target each : targets) {
      each.file().lose(reason);
    }
  }

  /// Makes a job of each chunk that comes.
  private final class Arrivals implements BlockArrivals<RestoreStopped> {
    private final Window window;
    private final List<BlockName> chunks;

    Arrivals(Window window, List<BlockName> chunks) {
      this.window = window;
      this.chunks = chunks;
    }

    @Override
    public void block(int index, ByteBuffer sealed) throws RestoreStopped {
      BlockName name = chunks.get(index);
      workers.submit(window.jobs(), sealed.remaining(), () -> open(name, sealed));
    }

    @Override
    public void lost(int index, String reason) throws RestoreStopped {
      List<Target> targets = targets(chunks.get(index));
      workers.submit(window.jobs(), 0, () -> lose(targets, "one of its chunks is lost: " + reason));
    }

    private void open(BlockName name, ByteBuffer sealed)
        throws HoldfastException, FileAccessException {
      try {
        blocks.chunk(name, sealed, chunk -> write(targets(name), chunk));
      } catch (CorruptException e) {
        lose(targets(name), "one of its chunks is damaged: " + e.getMessage());
      }
    }

    private List<Target> targets(BlockName name) {
      return window.targets().getOrDefault(name, List.of());
    }
  }

  /// A window, and how its fetch ended.
  private record Fetched(Window window, CompletableFuture<Optional<Throwable>> end) {}
}
