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
import org.holdfast.protocol.Session;
import org.holdfast.protocol.TlsConnector;
import org.holdfast.seal.KeyFile;

/// Opens sessions with the service that a key file names.
public final class Links {
  /// For each of a host's addresses.
  private static final int CONNECT_MILLIS = 10_000;

  private static final int HANDSHAKE_MILLIS = 20_000;

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
    return link(InsideService.apart(surroundings, bucket, keyFile.serviceSecrets(), cache));
  }

  /// Tries a key file's addresses in turn, as long as they cannot be reached.
  private Link open(KeyFile keyFile, Path cache, boolean toWrite)
      throws HoldfastException, Failure {
    List<String> services = keyFile.services();
    for (int i = 0; ; i++) {
      try {
        return open(ServiceAddress.parse(services.get(i)), keyFile, cache, toWrite);
      } catch (UnavailableException e) {
        if (i == services.size() - 1) {
          throw e;
        }
      }
    }
  }

  private Link open(ServiceAddress address, KeyFile keyFile, Path cache, boolean toWrite)
      throws HoldfastException, Failure {
    return switch (address) {
      case ServiceAddress.Remote remote ->
          new Link(session(remote, serverKey(keyFile), "your key file"), null);
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
    Connection connection =
        new TlsConnector(
                surroundings.random(),
                surroundings.clock(),
                surroundings.spawner(),
                CONNECT_MILLIS,
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
}
