package org.holdfast.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.UnaryOperator;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.BucketAddress;
import org.holdfast.bucket.Buckets;
import org.holdfast.core.Clock;
import org.holdfast.core.ConflictException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.log.LogKey;
import org.holdfast.log.LogWriter;
import org.holdfast.log.SegmentId;
import org.holdfast.protocol.ServerMode;
import org.holdfast.server.alert.AlertCommand;
import org.holdfast.server.alert.AlertWatch;
import org.holdfast.server.drill.DrillWatch;
import org.holdfast.server.index.RocksIndex;
import org.holdfast.server.journal.Timeline;
import org.holdfast.server.recovery.Sorting;
import org.holdfast.server.session.Operator;
import org.holdfast.server.session.Served;
import org.holdfast.server.session.StatusReport;
import org.holdfast.server.shard.ShardService;
import org.holdfast.server.shard.ShardStart;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A server process's parts, wired together.
public final class Server implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Server.class);

  /// So long after a start, or a jump of the clock, no deletion ends.
  private static final long SETTLE_MILLIS = 3_600_000;

  /// In so long a partner that is the owner says so; a start waits for it.
  private static final int PARTNER_MILLIS = 2000;

  /// A start that has taken longer asks the partner again before it takes the log over: a standby
  /// takes over within seconds.
  private static final long LONG_START_MILLIS = 3000;

  private final ServerConfig config;
  private final Service.Terms terms;
  private final Service service;
  private final Reception reception;
  private final StatusReport status;
  private final Optional<Partner> partner;
  private final Deque<AutoCloseable> opened = new ConcurrentLinkedDeque<>();
  private volatile ServerMode mode;
  private volatile @Nullable DrillWatch drills;
  private volatile @Nullable ImageMaker images;
  private volatile @Nullable Standby standby;
  private volatile @Nullable OwnerWatch watch;
  private volatile boolean isClosing;

  private Server(
      ServerConfig config,
      Service.Terms terms,
      Service service,
      Reception reception,
      ServerMode mode,
      Buckets buckets,
      Optional<Partner> partner) {
    this.config = config;
    this.partner = partner;
    this.terms = terms;
    this.service = service;
    this.reception = reception;
    this.mode = mode;
    boolean hasPrice = config.bucket() instanceof BucketAddress.S3;
    this.status =
        new StatusReport(
            service.shard(),
            reception.sessions(),
            buckets.meter(),
            hasPrice,
            () -> Optional.ofNullable(drills),
            this::imageReport,
            this::pairing);
    opened.addFirst(service);
    opened.addFirst(reception);
  }

  /// As below, as the owner of the log, whatever partner it has.
  public static Server start(
      ServerConfig config,
      Clock clock,
      Spawner spawner,
      SecureRandom random,
      ShardStart.Listener starting,
      Listener listener)
      throws HoldfastException {
    return start(config.alone(), Role.OWNER, clock, spawner, random, starting, listener);
  }

  /// Starts everything; returns when all clients are served, which are answered long before.
  /// `listener` hears when backups stop; restores go on until the process ends.
  public static Server start(
      ServerConfig config,
      Role role,
      Clock clock,
      Spawner spawner,
      SecureRandom random,
      ShardStart.Listener starting,
      Listener listener)
      throws HoldfastException {
    return start(
        config, role, clock, spawner, random, starting, listener, UnaryOperator.identity());
  }

  /// As above, with other terms.
  static Server start(
      ServerConfig config,
      Role role,
      Clock clock,
      Spawner spawner,
      SecureRandom random,
      ShardStart.Listener starting,
      Listener listener,
      UnaryOperator<Service.Terms> change)
      throws HoldfastException {
    // A service that exists has a bucket: where its disk is not mounted, an empty folder must not
    // become one.
    Buckets buckets = new Buckets(clock, random, spawner, config.s3());
    SecretsFile file = new SecretsFile(config.secrets());
    Bucket bucket =
        file.exists() || role != Role.OWNER
            ? buckets.open(config.bucket())
            : buckets.openOrCreate(config.bucket(), SegmentId.PREFIX);
    // A service is made once, by its first owner.
    ServiceSecrets secrets = role == Role.OWNER ? file.readOrMake(bucket, random) : file.read();
    Service.Terms terms = change.apply(terms(config, secrets, bucket, clock, spawner, random));
    Optional<Partner> partner =
        config
            .partner()
            .map(each ->
                new Partner(
                    each.host(),
                    each.port(),
                    secrets.identity().publicKey(),
                    random,
                    clock,
                    spawner));
    checkOther(config);
    boolean isStandby =
        switch (role) {
          case OWNER -> partner.filter(Server::owns).isPresent();
          case SEALED -> false;
          case STANDBY, AFTER_LOSS -> true;
        };
    // A recovery at the start goes by it too.
    ConcurrencyWatch concurrency = new ConcurrencyWatch(config, buckets, clock).begin(spawner);
    ShardService.Listener heard = config.partner().isPresent() ? new Loss(listener) : listener;
    RecoveryProgress progress = new RecoveryProgress(clock, starting);
    long askedNanos = clock.nanos();
    Reception reception =
        new Reception(
            config,
            terms,
            secrets.identity(),
            progress,
            () ->
                role != Role.OWNER
                    || clock.nanos() - askedNanos < LONG_START_MILLIS * 1_000_000
                    || partner.filter(Server::owns).isEmpty(),
            listener::listens);
    Service service;
    try {
      service =
          new StartNotes(config.state(), clock, progress)
              .run(notes -> service(config, terms, isStandby, notes, heard, reception));
    } catch (HoldfastException | RuntimeException e) {
      closeAll(new ArrayDeque<>(List.of(reception, concurrency)), e);
      throw e;
    }
    ServerMode mode =
        service.held().isPresent()
            ? ServerMode.READ_ONLY
            : service.shard().epoch() == 0 ? ServerMode.STANDBY : ServerMode.ALL;
    Server server = new Server(config, terms, service, reception, mode, buckets, partner);
    server.opened.addFirst(concurrency);
    try {
      server.serve(secrets);
      if (mode == ServerMode.STANDBY) {
        server.standBy(role == Role.AFTER_LOSS, starting, listener);
      } else {
        server.beginWork();
      }
      return server;
    } catch (HoldfastException | RuntimeException e) {
      closeAll(server.opened, e);
      throw e;
    }
  }

  private static Service service(
      ServerConfig config,
      Service.Terms terms,
      boolean isStandby,
      ShardStart.Listener starting,
      ShardService.Listener listener,
      Meanwhile meanwhile)
      throws HoldfastException {
    return isStandby
        ? Service.standby(terms, config.state(), config.afterCrash(), starting, listener, meanwhile)
        : Service.start(terms, config.state(), config.afterCrash(), starting, listener, meanwhile);
  }

  /// A config that was copied from the other server names itself.
  private static void checkOther(ServerConfig config) throws RefusedException {
    Optional<ServerConfig.PartnerAddress> other = config.partner();
    if (other.isPresent()
        && other.get().port() == config.port()
        && (other.get().host().equals(config.host()) || isHere(other.get().host()))) {
      throw new RefusedException(
          "the partner " + other.get().host() + ":" + config.port() + " is this server itself");
    }
  }

  private static boolean isHere(String host) {
    try {
      return NetworkInterface.getByInetAddress(InetAddress.getByName(host)) != null;
    } catch (IOException e) {
      // Nobody knows who that is.
      return false;
    }
  }

  private static boolean owns(Partner partner) {
    return partner.ask(PARTNER_MILLIS) == Partner.State.OWNER;
  }

  private void serve(ServiceSecrets secrets) throws HoldfastException {
    service.watchDisk(config.disk());
    config.off().forEach(service.shard().pacer()::hold);
    Operator operator =
        new Operator(
            service.shard(),
            status,
            this::takeOver,
            secrets.identity().publicKey(),
            terms.clock(),
            terms.random());
    reception.open(() -> new Served.Whole(service.shard(), mode), operator);
    config
        .alertCommand()
        .map(command ->
            AlertWatch.start(
                status::figures, new AlertCommand(command), terms.clock(), terms.spawner()))
        .ifPresent(opened::addFirst);
  }

  private Optional<StatusReport.Pairing> pairing() {
    Standby standing = standby;
    return standing == null
        ? Optional.ofNullable(watch).map(OwnerWatch::report)
        : Optional.of(standing.report());
  }

  private Optional<StatusReport.ImageReport> imageReport() {
    return Optional.ofNullable(images)
        .map(each -> new StatusReport.ImageReport(config.imageMillis(), each.age()));
  }

  /// What an owner does beside answering.
  private void beginWork() {
    drills =
        service
            .drillInBackground(terms, terms.clock(), terms.spawner(), config.drillMillis())
            .orElse(null);
    // What cleaning leaves alone follows from the newest image.
    images =
        service
            .imagesInBackground(terms, terms.clock(), terms.spawner(), config.imageMillis())
            .orElse(null);
    if (service.held().isEmpty()) {
      service.tidyInBackground(terms.clock(), terms.spawner(), SETTLE_MILLIS);
    }
    service.scrubInBackground(terms.clock(), terms.spawner(), config.scrubMillis());
    if (partner.isPresent() && service.shard().epoch() > 0 && !isClosing) {
      OwnerWatch made = new OwnerWatch(partner.get(), service.shard(), terms.clock());
      opened.addFirst(made);
      made.begin(terms.spawner());
      watch = made;
    }
  }

  private void standBy(boolean hasLost, ShardStart.Listener starting, Listener listener)
      throws HoldfastException {
    Standby made =
        new Standby(
            service,
            terms,
            partner,
            config.partner().map(ServerConfig.PartnerAddress::silenceMillis).orElse(0L),
            hasLost,
            Timeline.in(config.state(), terms.clock(), "standby"),
            starting,
            new Standby.Changes() {
              @Override
              public void owns() {
                beginWork();
                mode = ServerMode.ALL;
                standby = null;
                listener.owns();
              }

              @Override
              public void again(Role next) {
                listener.again(next);
              }
            });
    standby = made;
    opened.addFirst(made);
    made.begin(terms.spawner());
  }

  /// Makes this server the owner of the log, if it is not.
  private String takeOver() throws HoldfastException {
    Standby standing = standby;
    if (standing != null) {
      standing.takeOver();
      return "this server owns the log, and takes backups\n";
    }
    if (service.held().isPresent()) {
      throw new RefusedException(service.held().get());
    }
    throw new RefusedException(
        service
            .shard()
            .obstacle()
            .map(why -> "this server is no standby; it takes no backups: " + why)
            .orElse("this server owns the log already"));
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
        LogWriter.IN_FLIGHT_MAX,
        Sorting.OF_A_SERVER);
  }

  /// For who reads the bucket of the server with this config, and changes nothing: it may run.
  public static Service.Terms reading(
      ServerConfig config, Clock clock, Spawner spawner, SecureRandom random)
      throws HoldfastException {
    ServiceSecrets secrets = new SecretsFile(config.secrets()).read();
    Bucket bucket = new Buckets(clock, random, spawner, config.s3()).openToRead(config.bucket());
    return terms(config, secrets, bucket, clock, spawner, random);
  }

  /// The port that clients reach.
  public int port() {
    return reception.port();
  }

  /// Whether it follows the log of another owner.
  public boolean isStandby() {
    return standby != null;
  }

  /// Why restores alone are served until a person has looked; empty if everything is.
  public Optional<String> held() {
    return service.held();
  }

  /// Takes no more sessions, makes everything durable, closes.
  @Override
  public void close() throws HoldfastException {
    isClosing = true;
    HoldfastException failed = null;
    for (AutoCloseable each : opened) {
      try {
        each.close();
      } catch (HoldfastException e) {
        failed = e;
      } catch (Exception e) {
        throw new IllegalStateException("a part of the server does not close", e);
      }
    }
    if (failed != null) {
      throw failed;
    }
  }

  /// What a server begins as.
  public enum Role {
    /// The owner of the log, unless its partner is.
    OWNER,
    /// The owner of a log that this process has sealed, whatever its partner takes itself for.
    SEALED,
    /// A standby.
    STANDBY,
    /// A standby that has just lost the log.
    AFTER_LOSS;

    @Override
    public String toString() {
      return switch (this) {
        case OWNER, SEALED -> "as the owner";
        case STANDBY, AFTER_LOSS -> "as a standby";
      };
    }
  }

  /// Hears, from any thread, what becomes of a server.
  public interface Listener extends ShardService.Listener {
    /// A standby has become the owner.
    default void owns() {}

    /// Clients are answered on this port, though nothing may be served yet.
    default void listens(int port) {}

    /// It is to be closed, and another one started, in this role. Not of one without a partner.
    default void again(Role role) {}
  }

  /// An owner that has a partner becomes a standby when the log is taken from it.
  private record Loss(Listener inner) implements ShardService.Listener {
    @Override
    public void stopped(Exception reason) {
      if (reason instanceof ConflictException) {
        LOG.warn("the log was taken over: {}", reason.getMessage());
        inner.again(Role.AFTER_LOSS);
      } else {
        inner.stopped(reason);
      }
    }

    @Override
    public void damaged(String line) {
      inner.damaged(line);
    }

    @Override
    public void whole() {
      inner.whole();
    }
  }
}
