package org.holdfast.cli.link;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.BucketAddress;
import org.holdfast.bucket.BucketMeter;
import org.holdfast.bucket.Buckets;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Failures;
import org.holdfast.cli.console.Program;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.core.Bytes;
import org.holdfast.core.Folders;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.RefusedException;
import org.holdfast.core.ServiceId;
import org.holdfast.log.LogKey;
import org.holdfast.log.LogReader;
import org.holdfast.log.LogWriter;
import org.holdfast.log.SegmentId;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.ConnectionHandler;
import org.holdfast.protocol.Pipe;
import org.holdfast.protocol.ServerMode;
import org.holdfast.protocol.Session;
import org.holdfast.server.Service;
import org.holdfast.server.index.MemoryIndex;
import org.holdfast.server.index.RocksIndex;
import org.holdfast.server.recovery.Sorting;
import org.holdfast.server.session.Limits;
import org.holdfast.server.session.Operator;
import org.holdfast.server.session.OperatorSocket;
import org.holdfast.server.session.Sessions;
import org.holdfast.server.session.StatusReport;
import org.holdfast.server.shard.ShardStart;

/// The server inside the client, on a bucket that the client reaches by itself.
///
/// - Its index is in the cache folder, under the service's id, and belongs to one process at a
///   time: a lock file says whose.
/// - Who only reads takes nothing over, so that a backup may go on meanwhile; if the index is
///   somebody else's, it is rebuilt from the bucket in memory.
/// - What a server keeps in its file of secrets is in the key file: service id, then log key.
///
/// An edge: holds the lock file.
public final class InsideService implements AutoCloseable {
  /// Nobody else shares a segment: a commit need not wait for others.
  private static final long LINGER_MILLIS = 0;

  /// Bytes on their way between the two halves of the process.
  private static final int PIPE_LENGTH = 8 << 20;

  /// The client has to fit into the same memory, so there is half as much in a segment as in a
  /// server's, and half as many are on their way.
  private static final int SEGMENT_DATA_LENGTH = LogWriter.SEGMENT_DATA_LENGTH / 2;

  private static final int SEGMENTS_IN_FLIGHT = LogWriter.IN_FLIGHT_MAX / 2;

  /// What its sessions may hold. They are one machine's, whose share is three eighths, or the
  /// largest block if that is more: 17 MiB of the 34 for blocks that come, and 48 of the 128 for
  /// those on their way to it.
  private static final Limits LIMITS =
      new Limits(Limits.BYTES_MIN, Limits.DEFAULT.fetchBytes(), Limits.DEFAULT.sessions());

  private static final int SECRETS_LENGTH = ServiceId.LENGTH + LogKey.LENGTH;

  private final Surroundings surroundings;
  private final Service service;
  private final BucketMeter meter;
  private final ServiceId id;
  private final Sessions sessions;
  private final Runnable release;

  private InsideService(
      Surroundings surroundings,
      Service service,
      BucketMeter meter,
      ServiceId id,
      ServerMode mode,
      Runnable release) {
    this.surroundings = surroundings;
    this.service = service;
    this.meter = meter;
    this.id = id;
    this.release = release;
    this.sessions =
        new Sessions(
            service.shard(),
            id,
            mode,
            LIMITS,
            surroundings.clock(),
            surroundings.spawner(),
            line -> surroundings.terminal().note("holdfast: " + Failures.oneLine(line)));
  }

  /// Whether the machine is registered here.
  boolean knows(MachineId machine) throws HoldfastException {
    return service.shard().durable(rows -> rows.machine(machine)).isPresent();
  }

  /// What was asked of the bucket so far.
  BucketMeter.Report asked() {
    return meter.report();
  }

  /// Draws what a new service needs.
  public static Bytes newSecrets(Surroundings surroundings) {
    byte[] secrets = new byte[SECRETS_LENGTH];
    surroundings.random().nextBytes(secrets);
    return Bytes.wrap(secrets);
  }

  /// Takes the service over, to write.
  public static InsideService own(
      Surroundings surroundings, Opened bucket, Bytes secrets, Path cache)
      throws HoldfastException, Failure {
    Service.Terms terms = terms(surroundings, bucket, secrets);
    Path folder = folder(cache, terms.service());
    Optional<FileChannel> lock = lock(folder);
    if (lock.isEmpty()) {
      throw new Failure(
          ExitCode.BUSY,
          "another command writes to this service (index folder "
              + folder
              + "): wait until it is done");
    }
    try {
      Service service = Service.own(terms, folder, ShardStart.Listener.NONE, _ -> {});
      // Nobody would ever live to see an hour's end in here.
      service.tidyInBackground(surroundings.clock(), surroundings.spawner(), 0);
      return new InsideService(
          surroundings,
          service,
          bucket.meter,
          terms.service(),
          ServerMode.ALL,
          () -> release(lock.get()));
    } catch (HoldfastException | RuntimeException e) {
      release(lock.get());
      throw e;
    }
  }

  /// Reads, and changes nothing.
  public static InsideService readOnly(
      Surroundings surroundings, Opened bucket, Bytes secrets, Path cache)
      throws HoldfastException {
    Service.Terms terms = terms(surroundings, bucket, secrets);
    Path folder = folder(cache, terms.service());
    Optional<FileChannel> lock = lock(folder);
    if (lock.isEmpty()) {
      Service service = Service.readOnly(terms, new MemoryIndex(), ShardStart.Listener.NONE);
      return new InsideService(
          surroundings, service, bucket.meter, terms.service(), ServerMode.READ_ONLY, () -> {});
    }
    try {
      Service service = Service.readOnly(terms, folder, ShardStart.Listener.NONE);
      return new InsideService(
          surroundings,
          service,
          bucket.meter,
          terms.service(),
          ServerMode.READ_ONLY,
          () -> release(lock.get()));
    } catch (HoldfastException | RuntimeException e) {
      release(lock.get());
      throw e;
    }
  }

  /// As [#readOnly], of any bucket, with an index that is gone afterwards: what another copy of the
  /// bucket has shown, or one whose log nobody could authenticate, is nothing to go on from. With
  /// `secrets` the log is authenticated.
  static InsideService apart(
      Surroundings surroundings, Opened bucket, Optional<Bytes> secrets, Path cache)
      throws HoldfastException, Failure {
    ServiceId found =
        LogReader.service(bucket.bucket)
            .orElseThrow(() ->
                new Failure(
                    ExitCode.NO_SERVICE,
                    "there is no log in this bucket: name the one that the server's config names,"
                        + " or a copy of it"));
    Service.Terms terms =
        secrets.isPresent()
            ? terms(surroundings, bucket, secrets.get())
            : terms(surroundings, bucket, found, LogKey.unknown());
    if (!terms.service().equals(found)) {
      throw new Failure(
          ExitCode.NO_SERVICE,
          "the bucket is another service's than the key file's: name the key file that goes with"
              + " it");
    }
    Path scratch = scratch(cache);
    try {
      Service service = Service.readOnly(terms, scratch, ShardStart.Listener.NONE);
      return new InsideService(
          surroundings, service, bucket.meter, found, ServerMode.READ_ONLY, () -> delete(scratch));
    } catch (HoldfastException | RuntimeException e) {
      delete(scratch);
      throw e;
    }
  }

  private static Path scratch(Path cache) throws RefusedException {
    try {
      Path services = Files.createDirectories(cache.resolve("services"));
      return Files.createTempDirectory(services, "from-bucket-");
    } catch (IOException e) {
      throw unusable(cache, e);
    }
  }

  private static void delete(Path scratch) {
    try {
      Folders.delete(scratch);
    } catch (IOException e) {
      // It is in a cache, and nobody looks there again.
    }
  }

  /// A session with it, as with a server.
  public Session session() throws HoldfastException {
    return session(sessions);
  }

  /// A session as its operator.
  public Session operatorSession() throws HoldfastException {
    Bytes noKey = Bytes.wrap(new byte[32]);
    StatusReport status =
        new StatusReport(
            service.shard(),
            sessions,
            meter,
            false,
            Optional::empty,
            Optional::empty,
            Optional::empty);
    Operator operator =
        new Operator(
            service.shard(),
            status,
            InsideService::takeOver,
            noKey,
            surroundings.clock(),
            surroundings.random());
    return session(new OperatorSocket(id, surroundings.clock(), () -> operator));
  }

  private static String takeOver() throws RefusedException {
    throw new RefusedException("a service inside the client has no standby");
  }

  private Session session(ConnectionHandler handler) throws HoldfastException {
    Pipe.Ends ends = Pipe.open(PIPE_LENGTH, surroundings.random());
    Connection server = ends.server();
    surroundings.spawner().spawn("service", () -> handler.handle(server));
    return Session.open(ends.client(), surroundings.clock(), surroundings.spawner(), Program.NAME);
  }

  @Override
  public void close() throws HoldfastException {
    try {
      sessions.close();
      service.close();
    } finally {
      release.run();
    }
  }

  private static Service.Terms terms(Surroundings surroundings, Opened opened, Bytes secrets)
      throws RefusedException {
    if (secrets.length() != SECRETS_LENGTH) {
      throw new RefusedException(
          "the key file does not know the folder's service: use the one that was made with it");
    }
    byte[] raw = secrets.toArray();
    return terms(
        surroundings,
        opened,
        new ServiceId(Bytes.copyOf(raw, 0, ServiceId.LENGTH)),
        new LogKey(Bytes.copyOf(raw, ServiceId.LENGTH, SECRETS_LENGTH)));
  }

  private static Service.Terms terms(
      Surroundings surroundings, Opened opened, ServiceId service, LogKey key) {
    return new Service.Terms(
        service,
        key,
        opened.bucket,
        surroundings.clock(),
        surroundings.spawner(),
        surroundings.random(),
        LINGER_MILLIS,
        Service.Terms.GRACE_MILLIS,
        opened.patienceMillis,
        RocksIndex::open,
        SEGMENT_DATA_LENGTH,
        SEGMENTS_IN_FLIGHT,
        Sorting.NEVER);
  }

  private static Path folder(Path cache, ServiceId service) {
    return cache.resolve("services").resolve(service.toString());
  }

  /// Empty if another process holds it.
  private static Optional<FileChannel> lock(Path folder) throws RefusedException {
    try {
      Files.createDirectories(folder);
      FileChannel channel =
          FileChannel.open(
              folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock held = channel.tryLock();
      if (held == null) {
        channel.close();
        return Optional.empty();
      }
      return Optional.of(channel);
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  private static RefusedException unusable(Path folder, IOException e) {
    return new RefusedException(
        "the cache folder "
            + folder
            + " cannot be used ("
            + Failures.line(e)
            + "): choose another with --cache",
        e);
  }

  private static void release(FileChannel lock) {
    try {
      lock.close();
    } catch (IOException e) {
      // The process's end releases it too.
    }
  }

  /// A bucket, what counts its requests, and how long an object that must be there is asked for
  /// again.
  public record Opened(Bucket bucket, BucketMeter meter, long patienceMillis) {
    /// Opens a bucket that exists.
    public static Opened existing(Buckets buckets, BucketAddress at) throws HoldfastException {
      return new Opened(buckets.open(at), buckets.meter(), buckets.patienceMillis(at));
    }

    /// As [#existing], of which nothing is asked but to be read.
    static Opened toRead(Buckets buckets, BucketAddress at) throws HoldfastException {
      return new Opened(buckets.openToRead(at), buckets.meter(), buckets.patienceMillis(at));
    }

    /// Opens a bucket for a service that may be about to begin.
    public static Opened made(Buckets buckets, BucketAddress at) throws HoldfastException {
      Bucket bucket = buckets.openOrCreate(at, SegmentId.PREFIX);
      return new Opened(bucket, buckets.meter(), buckets.patienceMillis(at));
    }
  }
}
