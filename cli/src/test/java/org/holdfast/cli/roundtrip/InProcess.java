package org.holdfast.cli.roundtrip;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.holdfast.bucket.Bucket;
import org.holdfast.client.backup.Backup;
import org.holdfast.client.backup.BackupOptions;
import org.holdfast.client.backup.BackupProgress;
import org.holdfast.client.backup.BackupScope;
import org.holdfast.client.backup.BackupSummary;
import org.holdfast.client.catalog.ArchivePart;
import org.holdfast.client.catalog.Catalog;
import org.holdfast.client.restore.Restore;
import org.holdfast.client.restore.RestoreOptions;
import org.holdfast.client.restore.RestoreProgress;
import org.holdfast.client.restore.RestoreSummary;
import org.holdfast.client.select.Exclusions;
import org.holdfast.client.tree.Comparison;
import org.holdfast.client.tree.PosixTarget;
import org.holdfast.client.tree.PosixTree;
import org.holdfast.client.tree.SourceTree;
import org.holdfast.client.tree.TreeComparer;
import org.holdfast.core.AccountId;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.InviteId;
import org.holdfast.core.MachineId;
import org.holdfast.core.Right;
import org.holdfast.core.ServiceId;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.log.LogKey;
import org.holdfast.log.LogRecord;
import org.holdfast.log.StateDigest;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.Pipe;
import org.holdfast.protocol.RightKey;
import org.holdfast.protocol.ServerMode;
import org.holdfast.protocol.Session;
import org.holdfast.seal.KeyFile;
import org.holdfast.seal.MachineKeys;
import org.holdfast.server.Service;
import org.holdfast.server.index.MemoryIndex;
import org.holdfast.server.index.RocksIndex;
import org.holdfast.server.session.Sessions;
import org.holdfast.server.shard.ShardService;
import org.holdfast.server.shard.ShardStart;

/// A service in this process, over any bucket, with a client's end to it.
public final class InProcess implements AutoCloseable {
  static final Clock CLOCK = new SystemClock();
  public static final Spawner SPAWNER = Spawner.virtual();
  public static final SecureRandom RANDOM = new SecureRandom();

  static final BackupOptions OPTIONS =
      new BackupOptions("test", List.of(), "host", "host", "user", "holdfast test", 3, 2);

  public static final LogKey KEY = new LogKey(Bytes.wrap(new byte[LogKey.LENGTH]));

  public static final ServiceId SERVICE = ServiceId.of(new byte[ServiceId.LENGTH]);

  private final Service service;
  private final Sessions sessions;

  private InProcess(Service service, ServerMode mode) {
    this.service = service;
    this.sessions = new Sessions(service.shard(), SERVICE, mode, CLOCK, SPAWNER);
  }

  /// Takes the log in the bucket over.
  public static InProcess start(Bucket bucket, Path state) throws Exception {
    Service service = Service.own(terms(bucket), state, ShardStart.Listener.NONE, _ -> {});
    return new InProcess(service, ServerMode.ALL);
  }

  /// Reads the log in the bucket, as who does not know its key.
  static InProcess reading(Bucket bucket) throws Exception {
    Service.Terms terms = terms(bucket, LogKey.unknown());
    Service service = Service.readOnly(terms, new MemoryIndex(), ShardStart.Listener.NONE);
    return new InProcess(service, ServerMode.READ_ONLY);
  }

  static Service.Terms terms(Bucket bucket) {
    return terms(bucket, KEY);
  }

  private static Service.Terms terms(Bucket bucket, LogKey logKey) {
    return new Service.Terms(
        SERVICE, logKey, bucket, new Hasty(), SPAWNER, RANDOM, 1, 60_000, RocksIndex::open);
  }

  /// Waits a thousandth of what it is asked to, and counts all of it as passed, so that retries end
  /// soon.
  private static final class Hasty implements Clock {
    private final AtomicLong skippedMillis = new AtomicLong();

    @Override
    public long wallMillis() {
      return CLOCK.wallMillis();
    }

    @Override
    public long nanos() {
      return CLOCK.nanos() + skippedMillis.get() * 1_000_000;
    }

    @Override
    public void sleepMillis(long millis) throws InterruptedException {
      CLOCK.sleepMillis(millis / 1000);
      skippedMillis.addAndGet(millis - millis / 1000);
    }
  }

  ShardService shard() {
    return service.shard();
  }

  StateDigest digest() throws Exception {
    return service.shard().read(state -> state.digest());
  }

  Session session() throws Exception {
    return session(end -> end);
  }

  /// A session over another connection than the server's end of a pipe.
  Session session(UnaryOperator<Connection> between) throws Exception {
    Pipe.Ends ends = Pipe.open(1 << 20, RANDOM);
    SPAWNER.spawn("server's end", () -> sessions.handle(between.apply(ends.server())));
    return Session.open(ends.client(), CLOCK, SPAWNER, "test");
  }

  /// A new machine, with all rights.
  public KeyFile register() throws Exception {
    return register("test");
  }

  /// As [#register()], of that name, in an account of its own that has it too.
  KeyFile register(String name) throws Exception {
    AccountId account = AccountId.random(RANDOM);
    InviteId invite = InviteId.random(RANDOM);
    byte[] secret = new byte[32];
    Bytes hash = Bytes.wrap(MessageDigest.getInstance("SHA-256").digest(secret));
    service
        .shard()
        .write(_ ->
            List.of(
                new LogRecord.AccountOpened(account, name),
                new LogRecord.InviteMade(invite, account, hash, "", Long.MAX_VALUE)));
    MachineKeys keys = MachineKeys.random(RANDOM);
    MachineId machine = MachineId.random(RANDOM);
    List<RightKey> rights = new ArrayList<>();
    for (Right right : keys.rights()) {
      rights.add(
          new RightKey(
              right,
              keys.credentialFor(right).publicKey(),
              keys.credentialFor(right).privateKey()));
    }
    try (Session session = session()) {
      session.register(invite, Bytes.wrap(secret), machine, name, rights);
    }
    return new KeyFile(
        List.of("dir:/test"), Optional.empty(), name, machine, keys, Optional.empty());
  }

  public BackupSummary backup(KeyFile key, Path cache, Path... roots) throws Exception {
    try (Session session = session()) {
      return backup(session, key, cache, SPAWNER, new BackupProgress()).run(scope(roots), OPTIONS);
    }
  }

  static Backup backup(
      Session session, KeyFile key, Path cache, Spawner spawner, BackupProgress progress) {
    return new Backup(
        session, key, PosixTree::open, cache, CLOCK, spawner, Spawner.platform(), RANDOM, progress);
  }

  static BackupScope scope(Path... roots) throws Exception {
    List<byte[]> paths = new ArrayList<>();
    for (Path root : roots) {
      paths.add(root.toString().getBytes(StandardCharsets.UTF_8));
    }
    return BackupScope.of(paths, List.of(), Exclusions.NONE);
  }

  RestoreSummary restore(KeyFile key, String selection, Path target) throws Exception {
    Files.createDirectories(target);
    try (Session session = session();
        Catalog catalog = Catalog.open(session, key)) {
      byte[] folder = target.toString().getBytes(StandardCharsets.UTF_8);
      ArchivePart part = catalog.list(Optional.empty()).resolve(selection);
      RestoreOptions options = RestoreOptions.of(part.path(), List.of());
      return new Restore(
              catalog.blocks(),
              catalog.read(part.archive()),
              () -> PosixTarget.open(folder),
              options,
              new RestoreProgress(),
              CLOCK,
              SPAWNER,
              2)
          .run();
    }
  }

  static void assertSame(Path original, Path restored) throws Exception {
    TreeComparer comparer = new TreeComparer(SPAWNER, new TreeComparer.Options(true, false, 2, 20));
    try (SourceTree one = PosixTree.open(original.toString().getBytes(StandardCharsets.UTF_8));
        SourceTree other = PosixTree.open(restored.toString().getBytes(StandardCharsets.UTF_8))) {
      Comparison comparison = comparer.compare(one, other);
      assertThat(comparison.differences()).isEmpty();
      assertThat(comparison.isEqual()).isTrue();
    }
  }

  @Override
  public void close() throws HoldfastException {
    sessions.close();
    service.close();
  }
}
