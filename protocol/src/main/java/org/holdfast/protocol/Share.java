package org.holdfast.protocol;

import java.util.function.BooleanSupplier;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.jspecify.annotations.Nullable;

/// Memory that many take from, of which each may hold a part at most, and of that again.
///
/// - What is taken of a part is taken of the whole too, and given back to both.
/// - The smallest part is taken first: who waits for that keeps nobody else from the whole.
/// - Giving back needs nothing, so nobody waits in a circle.
///
/// Any thread.
public final class Share {
  private final long totalBytes;
  private final Credit own;
  private final @Nullable Share whole;

  /// All there is.
  public Share(long bytes) {
    this(bytes, null);
  }

  private Share(long bytes, @Nullable Share whole) {
    this.totalBytes = bytes;
    this.own = new Credit(bytes);
    this.whole = whole;
  }

  /// So much of this at most, for one who takes from it.
  public Share part(long bytesMax) {
    return new Share(bytesMax, this);
  }

  /// Waits until that much is there, unless `givesUp` says so meanwhile, which is asked again after
  /// each [#wake]. Answers whether it was taken.
  public boolean take(long bytes, BooleanSupplier givesUp) throws HoldfastException {
    if (!own.take(bytes, givesUp)) {
      return false;
    }
    if (whole == null) {
      return true;
    }
    boolean taken = false;
    try {
      taken = whole.take(bytes, givesUp);
      return taken;
    } finally {
      if (!taken) {
        giveOwn(bytes);
      }
    }
  }

  /// Takes that much if it is there and nobody waits for it.
  public boolean tryTake(long bytes) {
    if (!own.tryTake(bytes)) {
      return false;
    }
    boolean taken = whole == null || whole.tryTake(bytes);
    if (!taken) {
      giveOwn(bytes);
    }
    return taken;
  }

  /// Gives back what was taken, once.
  public void give(long bytes) {
    giveOwn(bytes);
    if (whole != null) {
      whole.give(bytes);
    }
  }

  /// Has everybody who waits ask again whether to give up.
  public void wake() {
    own.wake();
    if (whole != null) {
      whole.wake();
    }
  }

  /// What this part still allows; the whole may have less.
  public long availableBytes() {
    return own.availableBytes();
  }

  /// Whether nothing of it is taken.
  public boolean isUnused() {
    return own.availableBytes() == totalBytes;
  }

  private void giveOwn(long bytes) {
    try {
      own.give(bytes);
    } catch (CorruptException e) {
      throw new IllegalStateException("memory is given back once", e);
    }
  }
}
