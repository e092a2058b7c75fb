package org.holdfast.server;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.holdfast.core.MachineId;
import org.holdfast.core.UnavailableException;
import org.holdfast.server.index.ForwardingIndex;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.IndexException;
import org.holdfast.server.index.RocksIndex;

/// An index that is made anew, and is held where a test says.
final class HeldIndex extends ForwardingIndex {
  private final Gates gates;

  private HeldIndex(Index inner, Gates gates) {
    super(inner);
    this.gates = gates;
  }

  @Override
  public SortedRows sorted(Path file) {
    SortedRows rows = super.sorted(file);
    return new SortedRows() {
      private boolean isHeld;

      @Override
      public void row(byte[] key, byte[] value) {
        isHeld |= gates.isOfHeld(key);
        rows.row(key, value);
      }

      @Override
      public void end() {
        if (isHeld) {
          Gates.await(gates.loads);
          if (gates.diskFails) {
            throw new IndexException("written", new IllegalStateException("the disk fails"));
          }
        }
        rows.end();
      }

      @Override
      public void close() {
        rows.close();
      }
    };
  }

  /// Where it is held, until a latch is down.
  static final class Gates implements Index.Opening {
    final CountDownLatch opens = new CountDownLatch(1);
    final CountDownLatch loads = new CountDownLatch(1);

    /// Before the whole index is opened in its place.
    final CountDownLatch takesPlace = new CountDownLatch(1);

    /// Whose blocks are held.
    final AtomicReference<MachineId> held = new AtomicReference<>();

    /// Whether loading ends so, when it is not held any more.
    volatile boolean diskFails;

    @Override
    public Index open(Path folder) throws UnavailableException, org.holdfast.core.RefusedException {
      if (!folder.endsWith("index.rebuilt")) {
        await(takesPlace);
        return RocksIndex.open(folder);
      }
      await(opens);
      return new HeldIndex(RocksIndex.open(folder), this);
    }

    private boolean isOfHeld(byte[] key) {
      byte[] machine = held.get().bytes().toArray();
      return Arrays.equals(key, 1, 1 + machine.length, machine, 0, machine.length);
    }

    private static void await(CountDownLatch latch) {
      try {
        latch.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    void releaseAll() {
      opens.countDown();
      loads.countDown();
      takesPlace.countDown();
    }
  }
}
