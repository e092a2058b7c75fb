package org.holdfast.server;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.Buckets;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.log.LogChain;
import org.holdfast.log.LogReader;
import org.holdfast.log.SegmentId;
import org.holdfast.log.StateDigest;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.IndexException;
import org.holdfast.server.index.RocksIndex;
import org.holdfast.server.shard.Replay;
import org.holdfast.server.shard.ShardStart;
import org.holdfast.server.state.Position;
import org.holdfast.server.state.ShardState;

/// Makes a new index from segment headers alone, compares it with the old one, puts it in its
/// place.
///
/// Touches nothing in the bucket. May be stopped at any moment: the old index stays until the new
/// one is complete.
public final class Rebuild {
  private final Service.Terms terms;
  private final Path folder;
  private final Replay.Progress progress;

  public Rebuild(Service.Terms terms, Path folder, Replay.Progress progress) {
    this.terms = terms;
    this.folder = folder;
    this.progress = progress;
  }

  /// For the server with this config, which must not be running.
  public static Rebuild of(
      ServerConfig config,
      Clock clock,
      Spawner spawner,
      SecureRandom random,
      Replay.Progress progress)
      throws HoldfastException {
    Bucket bucket = Buckets.open(config.bucket(), clock, random);
    ServiceSecrets secrets = Server.readSecrets(config.secrets());
    Server.makeStateFolder(config.state());
    Service.Terms terms =
        Server.terms(secrets, bucket, clock, spawner, random, config.lingerMillis());
    return new Rebuild(terms, config.state(), progress);
  }

  /// Rebuilds, and replaces the index in the folder unless `compareOnly`.
  public Report run(boolean compareOnly) throws HoldfastException {
    Clock clock = terms.clock();
    long start = clock.nanos();
    Path fresh = folder.resolve("index.rebuilt");
    Path old = folder.resolve("index");
    try {
      ShardStart.makeFolder(folder);
      Optional<Old> before = inspect(old);
      ShardStart.deleteAll(fresh);
      Made made;
      try (Index index = RocksIndex.open(fresh)) {
        made = replay(index, before);
        index.flush();
      }
      if (compareOnly) {
        ShardStart.deleteAll(fresh);
      } else {
        ShardStart.deleteAll(old);
        Files.move(fresh, old, StandardCopyOption.ATOMIC_MOVE);
        ShardStart.markClean(folder);
      }
      return report(before, made, (clock.nanos() - start) / 1_000_000);
    } catch (IOException e) {
      throw new RefusedException("the state folder " + folder + " cannot be used: " + e, e);
    }
  }

  /// What the old index says of itself, read from all its rows.
  private static Optional<Old> inspect(Path folder) throws HoldfastException {
    if (!Files.exists(folder)) {
      return Optional.empty();
    }
    try (Index index = RocksIndex.open(folder)) {
      return Optional.of(new Old(ShardState.position(index), ShardState.scan(index)));
    } catch (RefusedException | IndexException | BufferUnderflowException e) {
      // It cannot be read, so it is not what it should be.
      return Optional.of(new Old(Position.START, new StateDigest(-1, -1)));
    }
  }

  private Made replay(Index index, Optional<Old> before) throws HoldfastException {
    LogReader reader = new LogReader(terms.bucket(), terms.key(), terms.service());
    LogChain chain = new LogChain(reader, reader.list(Service.SHARD));
    List<SegmentId> counted = chain.counted(Service.SHARD, Optional.empty());
    ShardState state = ShardState.open(Service.SHARD, index);
    StateDigest[] atOld = {StateDigest.ZERO};
    Replay replay =
        new Replay(
            reader,
            terms.spawner(),
            (done, all, records) -> {
              if (before.isPresent() && isAt(state.position(), before.get().position)) {
                atOld[0] = state.digest();
              }
              progress.applied(done, all, records);
            });
    replay.apply(state, counted);
    return new Made(counted.size(), state.position(), atOld[0]);
  }

  private static boolean isAt(Position one, Position other) {
    return one.epoch() == other.epoch() && one.segment() == other.segment();
  }

  private static Report report(Optional<Old> before, Made made, long millis) {
    Comparison comparison =
        before
            .map(old -> old.scanned.equals(made.atOld) ? Comparison.EQUAL : Comparison.DIFFERENT)
            .orElse(Comparison.NOTHING_TO_COMPARE);
    return new Report(
        made.segments, made.position.nextRecord() - 1, made.position.digest(), comparison, millis);
  }

  /// How an old index compares with what the log says.
  public enum Comparison {
    EQUAL,
    DIFFERENT,
    NOTHING_TO_COMPARE
  }

  /// What a rebuild has done, and how long it took.
  public record Report(
      int segments, long records, StateDigest digest, Comparison comparison, long millis) {}

  private record Old(Position position, StateDigest scanned) {}

  private record Made(int segments, Position position, StateDigest atOld) {}
}
