package org.holdfast.stores;

import java.io.IOException;
import org.holdfast.core.Clock;
import org.jspecify.annotations.Nullable;

/// The connection to the store that belongs to one connection of a client. One thread owns it.
final class StoreLink {
  /// A store closes connections that rest too long; we are gone before that.
  private static final long MOST_REST_NANOS = 1_000_000_000;

  private final FaultProxy proxy;
  private final Clock clock;
  private @Nullable Link link;
  private long usedNanos;

  StoreLink(FaultProxy proxy, Clock clock) {
    this.proxy = proxy;
    this.clock = clock;
  }

  /// A connection for the next request.
  Link open() throws IOException {
    Link current = link;
    if (current != null && clock.nanos() - usedNanos < MOST_REST_NANOS) {
      return current;
    }
    close();
    Link opened = Link.of(proxy.connect());
    link = opened;
    return opened;
  }

  /// A request has ended and left it usable.
  void used() {
    usedNanos = clock.nanos();
  }

  void close() {
    if (link != null) {
      link.close();
      proxy.forget(link.socket());
      link = null;
    }
  }
}
