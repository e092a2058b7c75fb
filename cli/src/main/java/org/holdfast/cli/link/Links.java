package org.holdfast.cli.link;

import java.nio.file.Path;
import java.util.List;
import org.holdfast.bucket.BucketAddress;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Program;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.core.Bytes;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.ServerMode;
import org.holdfast.protocol.Session;
import org.holdfast.protocol.TlsConnector;
import org.holdfast.seal.KeyFile;
import org.jspecify.annotations.Nullable;

/// Opens sessions with the service that a key file names.
public final class Links {
  /// For each of a host's addresses.
  private static final int CONNECT_MILLIS = 10_000;

  /// At first, where there is another server to ask.
  private static final int SHORT_CONNECT_MILLIS = 2500;

  private static final int HANDSHAKE_MILLIS = 20_000;

  /// A standby takes over within seconds; so long it is waited for.
  private static final long OWNER_MILLIS = 30_000;

  private static final long AGAIN_MILLIS = 500;

  private final Surroundings surroundings;

  public Links(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  /// To store. A service inside the client is taken over.
  public Link write(KeyFile keyFile, Path cache) throws HoldfastException, Failure {
    return open(keyFile, cache, true);
  }

  /// To read.
  public Link read(KeyFile keyFile, Path cache) throws HoldfastException, Failure {
    return open(keyFile, cache, false);
  }

  /// To read a bucket itself, whatever service the key file names. Its log is authenticated if the
  /// key file knows how.
  public Link readBucket(BucketAddress at, KeyFile keyFile, Path cache)
      throws HoldfastException, Failure {
    InsideService.Opened bucket = existing(at, true);
    InsideService service =
        InsideService.apart(surroundings, bucket, keyFile.serviceSecrets(), cache);
    Link link = link(service);
    try {
      if (!service.knows(keyFile.machineId())) {
        throw new RefusedException(
            at
                + " holds nothing of the machine "
                + keyFile.machine()
                + ": check the address, and that the key file is the right one");
      }
      return link;
    } catch (HoldfastException e) {
      link.close();
      throw e;
    }
  }

  /// Where a service has several servers, one of them owns its log (`docs/standby.md`, "Clients").
  private Link open(KeyFile keyFile, Path cache, boolean toWrite)
      throws HoldfastException, Failure {
    long begunNanos = surroundings.clock().nanos();
    List<String> services = keyFile.services();
    if (services.size() == 1) {
      return alone(services.getFirst(), keyFile, cache, toWrite, begunNanos);
    }
    Found found = find(SHORT_CONNECT_MILLIS, keyFile, cache, toWrite);
    if (found.link == null) {
      found = find(CONNECT_MILLIS, keyFile, cache, toWrite);
    }
    // A standby that answers may become the owner; where nobody does, nobody will.
    while (toWrite && found.isStandby()) {
      found.drop();
      if (isTooLate(begunNanos)) {
        throw new UnavailableException(
            "no server of this service owns its log at the moment: one answers that takes no"
                + " backups, a standby or one that is being recovered; try again later, or have its"
                + " operator take over");
      }
      pause();
      found = find(CONNECT_MILLIS, keyFile, cache, true);
    }
    if (found.isStandby()) {
      tell(found.orThrow());
    }
    return found.orThrow();
  }

  /// The one server of a service. One that starts or recovers may take backups in a moment; what it
  /// says where it does not is the best that there is to say.
  private Link alone(String service, KeyFile keyFile, Path cache, boolean toWrite, long begunNanos)
      throws HoldfastException, Failure {
    Link link = open(service, CONNECT_MILLIS, keyFile, cache, toWrite);
    while (toWrite && link.session().mode() == ServerMode.RECOVERING && !isTooLate(begunNanos)) {
      link.close();
      pause();
      link = open(service, CONNECT_MILLIS, keyFile, cache, true);
    }
    if (!toWrite) {
      tell(link);
    }
    return link;
  }

  private boolean isTooLate(long begunNanos) {
    return surroundings.clock().nanos() - begunNanos > OWNER_MILLIS * 1_000_000;
  }

  /// Who restores the latest archive should know that it may not be the latest.
  private void tell(Link link) {
    String peer = link.session().peer();
    switch (link.session().mode()) {
      case ALL, READ_ONLY -> {}
      case STANDBY ->
          note(
              "no server answers that owns the log; %s is a standby, which may not know the last"
                  + " archives yet",
              peer);
      case RECOVERING ->
          note("%s is being recovered, and may not know the last archives yet", peer);
    }
  }

  private void note(String what, String peer) {
    surroundings.terminal().note(what.formatted(peer));
  }

  private void pause() throws Failure {
    try {
      surroundings.clock().sleepMillis(AGAIN_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure(ExitCode.INTERRUPTED, "interrupted", e);
    }
  }

  /// The owner, or else a standby, or else one that recovers.
  private Found find(int connectMillis, KeyFile keyFile, Path cache, boolean toWrite)
      throws HoldfastException, Failure {
    Found found = new Found(null, false, null);
    for (String service : keyFile.services()) {
      try {
        Link link = open(service, connectMillis, keyFile, cache, toWrite);
        if (link.session().mode() == ServerMode.ALL) {
          found.drop();
          return new Found(link, true, null);
        }
        if (found.link == null || found.isRecovering()) {
          found.drop();
          found = new Found(link, false, null);
        } else {
          link.close();
        }
      } catch (UnavailableException e) {
        found = new Found(found.link, false, e);
      } catch (HoldfastException | Failure e) {
        found.drop();
        throw e;
      }
    }
    return found;
  }

  private Link open(String service, int connectMillis, KeyFile keyFile, Path cache, boolean toWrite)
      throws HoldfastException, Failure {
    return switch (ServiceAddress.parse(service)) {
      case ServiceAddress.Remote remote ->
          new Link(session(remote, connectMillis, serverKey(keyFile), "your key file"), null);
      case ServiceAddress.Inside inside -> inside(inside.bucket(), keyFile, cache, toWrite);
    };
  }

  private static Bytes serverKey(KeyFile keyFile) throws RefusedException {
    return keyFile
        .serverKey()
        .orElseThrow(() ->
            new RefusedException(
                "the key file does not say which key its server has: use another copy of it"));
  }

  /// A session with a server.
  ///
  /// @param pinnedBy what a person has the server's key from, as in "the invite"
  public Session session(ServiceAddress.Remote at, Bytes serverKey, String pinnedBy)
      throws HoldfastException {
    return session(at, CONNECT_MILLIS, serverKey, pinnedBy);
  }

  private Session session(
      ServiceAddress.Remote at, int connectMillis, Bytes serverKey, String pinnedBy)
      throws HoldfastException {
    Connection connection =
        new TlsConnector(
                surroundings.random(),
                surroundings.clock(),
                surroundings.spawner(),
                connectMillis,
                HANDSHAKE_MILLIS)
            .connect(at.host(), at.port(), serverKey, pinnedBy);
    return Session.open(connection, surroundings.clock(), surroundings.spawner(), Program.NAME);
  }

  private Link inside(BucketAddress address, KeyFile keyFile, Path cache, boolean toWrite)
      throws HoldfastException, Failure {
    Bytes secrets = keyFile.serviceSecrets().orElse(Bytes.wrap(new byte[0]));
    InsideService.Opened bucket = existing(address, false);
    return link(
        toWrite
            ? InsideService.own(surroundings, bucket, secrets, cache)
            : InsideService.readOnly(surroundings, bucket, secrets, cache));
  }

  private InsideService.Opened existing(BucketAddress address, boolean toRead)
      throws HoldfastException, Failure {
    try {
      return toRead
          ? InsideService.Opened.toRead(surroundings.buckets(), address)
          : InsideService.Opened.existing(surroundings.buckets(), address);
    } catch (RefusedException e) {
      throw new Failure(ExitCode.NO_SERVICE, e.getMessage(), e);
    }
  }

  private static Link link(InsideService service) throws HoldfastException {
    try {
      return new Link(service.session(), service);
    } catch (HoldfastException | RuntimeException e) {
      service.close();
      throw e;
    }
  }

  /// Who has answered.
  ///
  /// @param last why the last one did not
  private record Found(@Nullable Link link, boolean isOwner, @Nullable UnavailableException last) {
    boolean isStandby() {
      return link != null && !isOwner;
    }

    /// It knows less than any other.
    boolean isRecovering() throws HoldfastException {
      return link != null && link.session().mode() == ServerMode.RECOVERING;
    }

    Link orThrow() throws HoldfastException {
      if (link != null) {
        return link;
      }
      throw last == null ? new UnavailableException("the key file names no server") : last;
    }

    void drop() throws HoldfastException {
      if (link != null) {
        link.close();
      }
    }
  }
}
