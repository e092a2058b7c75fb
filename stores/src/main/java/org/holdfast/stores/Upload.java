package org.holdfast.stores;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/// A request's body on its way to the store, on a thread of its own, since the store may answer
/// before it has all of it.
///
/// When the store does not take any more, the rest is read and dropped, so that the client sees the
/// answer and not a reset.
final class Upload implements Runnable {
  private static final int BUFFER_BYTES = 16 << 10;

  private final RawBody body;
  private final Lane lane;
  private final Link store;
  private final CompletableFuture<Boolean> complete = new CompletableFuture<>();

  Upload(RawBody body, Lane lane, Link store) {
    this.body = body;
    this.lane = lane;
    this.store = store;
  }

  @Override
  public void run() {
    boolean whole = false;
    try {
      byte[] buffer = new byte[BUFFER_BYTES];
      boolean taken = true;
      for (int read = body.read(buffer); read > 0; read = body.read(buffer)) {
        taken = taken && send(buffer, read);
      }
      whole = taken;
    } catch (IOException e) {
      // The client is gone: the store must not take what there is for all of it.
      store.close();
    } catch (InterruptedException e) {
      store.close();
      Thread.currentThread().interrupt();
    } finally {
      complete.complete(whole);
    }
  }

  private boolean send(byte[] buffer, int length) throws InterruptedException {
    try {
      lane.send(store.out(), buffer, length);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /// Whether it has ended.
  boolean isDone() {
    return complete.isDone();
  }

  /// Waits for its end: whether the client sent all and the store took all.
  boolean join() {
    return complete.join();
  }
}
