package org.holdfast.client.backup;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.holdfast.core.BlockName;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.UnavailableException;

/// A chunk that was cut and is on its way; its name comes when it has been hashed.
final class PendingChunk {
  private final CompletableFuture<BlockName> name = new CompletableFuture<>();

  void named(BlockName as) {
    name.complete(as);
  }

  void failed(Exception why) {
    name.completeExceptionally(why);
  }

  boolean isNamed() {
    return name.isDone();
  }

  /// Waits for the name.
  BlockName name() throws HoldfastException {
    try {
      return name.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof HoldfastException expected) {
        throw expected;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("the backup was interrupted", e);
    }
  }
}
