package org.holdfast.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.BucketAddress;
import org.holdfast.bucket.Buckets;
import org.holdfast.core.Clock;
import org.holdfast.core.Folders;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.log.LogKey;
import org.holdfast.log.LogWriter;
import org.holdfast.log.SegmentId;
import org.holdfast.protocol.ServerMode;
import org.holdfast.protocol.TlsListener;
import org.holdfast.protocol.UnixListener;
import org.holdfast.server.alert.AlertCommand;
import org.holdfast.server.alert.AlertWatch;
import org.holdfast.server.drill.DrillWatch;
import org.holdfast.server.index.RocksIndex;
import org.holdfast.server.recovery.Sorting;
import org.holdfast.server.session.Operator;
import org.holdfast.server.session.Sessions;
import org.holdfast.server.session.StatusReport;
import org.holdfast.server.shard.ShardService;
import org.holdfast.server.shard.ShardStart;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A server process's parts, wired together.
public final class Server implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Server.class);

  /// A client that takes longer is not one, or is better served by trying again.
  private static final int HANDSHAKE_MILLIS = 20_000;

  /// So long after a start, or a jump of the clock, no deletion ends.
  private static final long SETTLE_MILLIS = 3_600_000;

  private final Service service;
  private final Sessions sessions;
  private final TlsListener clients;
  private final UnixListener operators;
  private final Optional<AlertWatch> alerts;

  private Server(
      Service service,
      Sessions sessions,
      TlsListener clients,
      UnixListener operators,
      Optional<AlertWatch> alerts) {
    this.service = service;
    this.sessions = sessions;
    this.clients = clients;
    this.operators = operators;
    this.alerts = alerts;
  }

  /// Starts everything; returns when clients are served. `listener` hears when backups stop;
  /// restores go on until the process ends.
  public static Server start(
      ServerConfig config,
      Clock clock,
      Spawner spawner,
      SecureRandom random,
      ShardStart.Listener starting,
      ShardService.Listener listener)
      throws HoldfastException {
    // A service that exists has a bucket: where its disk is not mounted, an empty folder must not
    // become one.
    Buckets buckets = new Buckets(clock, random, spawner, config.s3());
    Bucket bucket =
        Files.exists(config.secrets())
            ? buckets.open(config.bucket())
            : buckets.openOrCreate(config.bucket(), SegmentId.PREFIX);
    ServiceSecrets secrets = secrets(config, bucket, random);
    Service.Terms terms = terms(config, secrets, bucket, clock, spawner, random);
    Service service =
        new StartNotes(config.state(), clock, starting)
            .run(notes ->
                Service.start(terms, config.state(), config.afterCrash(), notes, listener));
    ServerMode mode = service.held().isPresent() ? ServerMode.READ_ONLY : ServerMode.ALL;
    Deque<AutoCloseable> opened = new ArrayDeque<>(List.of(service));
    try {
      service.watchDisk(config.disk());
      config.off().forEach(service.shard().pacer()::hold);
      Sessions sessions =
          new Sessions(service.shard(), secrets.service(), mode, config.limits(), clock, spawner);
      boolean hasPrice = config.bucket() instanceof BucketAddress.S3;
      Optional<DrillWatch> drills =
          service.drillInBackground(terms, clock, spawner, config.drillMillis());
      StatusReport status =
          new StatusReport(service.shard(), sessions, buckets.meter(), hasPrice, drills);
      Operator operator =
          new Operator(
              service.shard(),
              status,
              secrets.service(),
              secrets.identity().publicKey(),
              clock,
              random);
      UnixListener operators = UnixListener.open(config.socket(), spawner);
      opened.addFirst(operators);
      TlsListener clients =
          TlsListener.open(
              new InetSocketAddress(config.host(), config.port()),
              secrets.identity(),
              random,
              clock,
              spawner,
              HANDSHAKE_MILLIS,
              LOG::info);
      spawner.spawn("operators", () -> operators.serve(operator));
      spawner.spawn("clients", () -> clients.serve(sessions));
      service.imagesInBackground(terms, clock, spawner, config.imageMillis());
      if (service.held().isEmpty()) {
        service.tidyInBackground(clock, spawner, SETTLE_MILLIS);
      }
      service.scrubInBackground(clock, spawner, config.scrubMillis());
      Optional<AlertWatch> alerts =
          config
              .alertCommand()
              .map(command ->
                  AlertWatch.start(status::figures, new AlertCommand(command), clock, spawner));
      return new Server(service, sessions, clients, operators, alerts);
    } catch (HoldfastException | RuntimeException e) {
      closeAll(opened, e);
      throw e;
    }
  }

  private static void closeAll(Deque<AutoCloseable> opened, Exception reason) {
    for (AutoCloseable each : opened) {
      try {
        each.close();
      } catch (Exception e) {
        reason.addSuppressed(e);
      }
    }
  }

  /// What the service's shard needs, from its secrets.
  static Service.Terms terms(
      ServerConfig config,
      ServiceSecrets secrets,
      Bucket bucket,
      Clock clock,
      Spawner spawner,
      SecureRandom random) {
    return new Service.Terms(
        secrets.service(),
        new LogKey(secrets.logKey()),
        bucket,
        clock,
        spawner,
        random,
        config.lingerMillis(),
        config.graceMillis(),
        config.s3().patienceMillis(config.bucket()),
        RocksIndex::open,
        LogWriter.SEGMENT_DATA_LENGTH,
        Sorting.OF_A_SERVER);
  }

  /// For who reads the bucket of the server with this config, and changes nothing: it may run.
  public static Service.Terms reading(
      ServerConfig config, Clock clock, Spawner spawner, SecureRandom random)
      throws HoldfastException {
    ServiceSecrets secrets = readSecrets(config.secrets());
    Bucket bucket = new Buckets(clock, random, spawner, config.s3()).openToRead(config.bucket());
    return terms(config, secrets, bucket, clock, spawner, random);
  }

  /// The port that clients reach.
  public int port() {
    return clients.port();
  }

  /// Why restores alone are served until a person has looked; empty if everything is.
  public Optional<String> held() {
    return service.held();
  }

  /// Takes no more sessions, makes everything durable, closes.
  @Override
  public void close() throws HoldfastException {
    alerts.ifPresent(AlertWatch::close);
    clients.close();
    operators.close();
    sessions.close();
    service.close();
  }

  /// The service's secrets; made at the first start, on an empty bucket only.
  static ServiceSecrets secrets(ServerConfig config, Bucket bucket, SecureRandom random)
      throws HoldfastException {
    Path file = config.secrets();
    try {
      if (Files.exists(file)) {
        return readSecrets(file);
      }
      if (!bucket.list(SegmentId.PREFIX, "", 1).objects().isEmpty()) {
        throw new RefusedException(
            "the bucket holds a service already, and its secrets are not in "
                + file
                + ": bring that file back from its copy");
      }
      ServiceSecrets made = ServiceSecrets.create(random);
      write(file, made.encode());
      return made;
    } catch (IOException e) {
      throw new RefusedException(
          "the file of service secrets " + file + " cannot be used: " + e, e);
    }
  }

  /// The secrets of a service that has been started before.
  static ServiceSecrets readSecrets(Path file) throws HoldfastException {
    try {
      return ServiceSecrets.decode(Files.readString(file));
    } catch (NoSuchFileException e) {
      throw new RefusedException(
          "there is no file of service secrets " + file + ": bring it back from its copy", e);
    } catch (IOException e) {
      throw new RefusedException(
          "the file of service secrets " + file + " cannot be used: " + e, e);
    }
  }

  private static void write(Path file, String text) throws IOException, RefusedException {
    Path parent = Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file's folder");
    Folders.make(parent);
    Path whole = parent.resolve(file.getFileName() + ".new");
    Files.deleteIfExists(whole);
    var owner = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    try (FileChannel out =
        FileChannel.open(
            whole, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), owner)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(true);
    }
    // Whole or not there: without this file the bucket is worth nothing.
    try {
      Files.createLink(file, whole);
      Files.delete(whole);
      Folders.sync(parent);
    } catch (FileAlreadyExistsException e) {
      throw new RefusedException(file + " has just been made by another process: start again", e);
    }
  }
}
