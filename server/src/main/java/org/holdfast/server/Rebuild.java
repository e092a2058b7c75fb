package org.holdfast.server;

import java.nio.BufferUnderflowException;
import java.nio.file.Path;
import java.security.SecureRandom;
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
import org.holdfast.server.shard.Replay;
import org.holdfast.server.shard.StateFolder;
import org.holdfast.server.state.Position;
import org.holdfast.server.state.ShardState;

/// Makes a new index from segment headers alone, compares it with the old one, puts it in its
/// place.
///
/// Touches nothing in the bucket. May be stopped at any moment: the old index stays until the new
/// one is complete. Holds the state folder, so that no server opens the old index meanwhile.
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
    Bucket bucket = new Buckets(clock, random, spawner, config.s3()).open(config.bucket());
    ServiceSecrets secrets = Server.readSecrets(config.secrets());
    Service.Terms terms = Server.terms(config, secrets, bucket, clock, spawner, random);
    return new Rebuild(terms, config.state(), progress);
  }

  /// Rebuilds, and replaces the index in the folder unless `compareOnly`.
  ///
  /// Refused, before anything is replaced, if the old index has seen a segment acknowledged that
  /// the log does not reach: a bucket that has lost its end must not pass for the whole.
  public Report run(boolean compareOnly) throws HoldfastException {
    Clock clock = terms.clock();
    long start = clock.nanos();
    try (StateFolder state = StateFolder.open(folder)) {
      Optional<Old> before = inspect(state);
      Path fresh = state.freshIndex();
      Made made;
      try (Index index = terms.indexes().open(fresh)) {
        made = replay(index, before);
        index.flush();
      }
      if (compareOnly) {
        state.delete(fresh);
      } else {
        state.replaceIndex(fresh);
      }
      return report(before, made, (clock.nanos() - start) / 1_000_000);
    }
  }

  /// What the old index says of itself, read from all its rows.
  private Optional<Old> inspect(StateFolder state) throws HoldfastException {
    if (!state.hasIndex()) {
      return Optional.empty();
    }
    Position position = Position.START;
    try (Index index = terms.indexes().open(state.index())) {
      position = ShardState.position(index);
      return Optional.of(new Old(position, ShardState.scan(index)));
    } catch (RefusedException | IndexException | BufferUnderflowException e) {
      // It cannot be read, so it is not what it should be. How far it had come may be known still.
      return Optional.of(new Old(position, new StateDigest(-1, -1)));
    }
  }

  private Made replay(Index index, Optional<Old> before) throws HoldfastException {
    LogReader reader = terms.reader();
    Optional<SegmentId> seen =
        before
            .filter(old -> old.position.epoch() != 0)
            .map(old -> old.position.segmentId(Service.SHARD));
    LogChain chain = LogChain.of(reader, Service.SHARD, seen);
    LogChain.Counted counted = chain.counted(Service.SHARD, Optional.empty(), terms.spawner());
    ShardState state = ShardState.open(Service.SHARD, index);
    StateDigest[] atOld = {StateDigest.ZERO};
    Replay replay =
        new Replay(
            reader,
            (done, all, records) -> {
              if (before.isPresent() && isAt(state.position(), before.get().position)) {
                atOld[0] = state.digest();
              }
              progress.applied(done, all, records);
            });
    replay.apply(state, counted);
    return new Made(counted.segments().size(), state.position(), atOld[0]);
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
