package org.holdfast.protocol;

import java.util.function.Predicate;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;

/// A stream that waits for one reply of one kind, or an ERROR.
final class ReplyWaiting<M extends Message> implements Waiting {
  private final Class<M> kind;
  private final Predicate<M> fits;
  private final String peer;
  private final Pending<M> pending = new Pending<>();

  ReplyWaiting(Class<M> kind, Predicate<M> fits, String peer) {
    this.kind = kind;
    this.fits = fits;
    this.peer = peer;
  }

  Pending<M> pending() {
    return pending;
  }

  @Override
  public boolean accept(Message message) throws CorruptException {
    if (message instanceof Message.Failure failure) {
      pending.fail(ErrorCode.exception(failure, peer));
      return true;
    }
    if (!kind.isInstance(message) || !fits.test(kind.cast(message))) {
      throw Streams.unexpected(message, peer);
    }
    pending.succeed(kind.cast(message));
    return true;
  }

  @Override
  public void fail(HoldfastException why) {
    pending.fail(why);
  }
}
