package org.holdfast.client.restore;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
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

/// Fetches the chunks of windows and has them written.
///
/// Windows are ended in the order in which they began: their links, then their folders, once all of
/// their files and those of earlier windows are complete. One window at most is still being written
/// when the next one begins. One thread.
final class WindowWriter {
  private static final int READY_AT_ONCE = 64;

  private final BlockSource blocks;
  private final Destination destination;
  private final Workers workers;
  private final Deque<Window> open = new ArrayDeque<>();

  WindowWriter(BlockSource blocks, Destination destination, Workers workers) {
    this.blocks = blocks;
    this.destination = destination;
    this.workers = workers;
  }

  /// Fetches what a window needs, and hands it to the workers as it comes.
  void begin(Window window) throws HoldfastException, FileAccessException, RestoreStopped {
    open.add(window);
    completeReady(window);
    List<BlockName> chunks = List.copyOf(window.targets().keySet());
    blocks.fetch(BlockClass.CHUNK, chunks, new Arrivals(window, chunks));
    while (open.size() > 1) {
      endFirst();
    }
  }

  /// Waits until all is written.
  void end() throws FileAccessException, RestoreStopped {
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

  private void endFirst() throws FileAccessException, RestoreStopped {
    Window window = open.remove();
    workers.await(window.jobs());
    for (Link each : window.links()) {
      link(each);
    }
    for (FullFolder each : window.folders()) {
      destination.attempt(each.path(), each.target(), () -> finish(each));
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

  private static void write(List<Target> targets, byte[] chunk) throws FileAccessException {
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
    public void block(int index, byte[] sealed) throws RestoreStopped {
      BlockName name = chunks.get(index);
      workers.submit(window.jobs(), sealed.length, () -> open(name, sealed));
    }

    @Override
    public void lost(int index, String reason) throws RestoreStopped {
      List<Target> targets = targets(chunks.get(index));
      workers.submit(window.jobs(), 0, () -> lose(targets, "one of its chunks is lost: " + reason));
    }

    private void open(BlockName name, byte[] sealed) throws HoldfastException, FileAccessException {
      byte[] chunk;
      try {
        chunk = blocks.chunk(name, sealed);
      } catch (CorruptException e) {
        lose(targets(name), "one of its chunks is damaged: " + e.getMessage());
        return;
      }
      write(targets(name), chunk);
    }

    private List<Target> targets(BlockName name) {
      return window.targets().getOrDefault(name, List.of());
    }
  }
}
