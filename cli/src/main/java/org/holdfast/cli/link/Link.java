package org.holdfast.cli.link;

import java.util.Optional;
import org.holdfast.bucket.BucketMeter;
import org.holdfast.core.HoldfastException;
import org.holdfast.protocol.Session;
import org.jspecify.annotations.Nullable;

/// An open session, and the service behind it if that runs inside this process.
public final class Link implements AutoCloseable {
  private final Session session;
  private final @Nullable InsideService service;

  public Link(Session session, @Nullable InsideService service) {
    this.session = session;
    this.service = service;
  }

  public Session session() {
    return session;
  }

  /// What the service inside this process has asked of its bucket; empty if it is elsewhere.
  public Optional<BucketMeter.Report> asked() {
    return Optional.ofNullable(service).map(InsideService::asked);
  }

  /// Ends what goes on in the session: whoever waits in it fails. For another thread.
  public void breakOff() {
    session.close();
  }

  @Override
  public void close() throws HoldfastException {
    session.close();
    if (service != null) {
      service.close();
    }
  }
}
