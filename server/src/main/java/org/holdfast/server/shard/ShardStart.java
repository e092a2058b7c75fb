package org.holdfast.server.shard;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.holdfast.bucket.Bucket;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.ServiceId;
import org.holdfast.core.Spawner;
import org.holdfast.log.Fence;
import org.holdfast.log.LogChain;
import org.holdfast.log.LogKey;
import org.holdfast.log.LogReader;
import org.holdfast.log.SegmentId;
import org.holdfast.log.StateDigest;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.IndexException;
import org.holdfast.server.index.RocksIndex;
import org.holdfast.server.state.Position;
import org.holdfast.server.state.ShardState;

/// Brings a shard's index up to the end of its log, whatever the index is like.
///
/// An index that was not closed, or not flushed, is scanned and compared with its own digest; one
/// that differs is thrown away, never mended. What is missing is replayed from headers. An index
/// that is ahead of the log means that the bucket has lost something that was acknowledged: that
/// stops the start.
public final class ShardStart {
  private static final String CLEAN = "clean";

  private final int shard;
  private final Bucket bucket;
  private final LogKey key;
  private final ServiceId service;
  private final Clock clock;
  private final Spawner spawner;
  private final Listener listener;

  public ShardStart(
      int shard,
      Bucket bucket,
      LogKey key,
      ServiceId service,
      Clock clock,
      Spawner spawner,
      Listener listener) {
    this.shard = shard;
    this.bucket = bucket;
    this.key = key;
    this.service = service;
    this.clock = clock;
    this.spawner = spawner;
    this.listener = listener;
  }

  /// Opens the index in `folder`, proves it, or starts an empty one.
  public Index openIndex(Path folder) throws HoldfastException {
    try {
      makeFolder(folder);
      boolean clean = takeCleanMark(folder);
      Optional<Index> index = tryOpen(folder.resolve("index"));
      if (index.isPresent() && (clean || isProven(index.get()))) {
        return index.get();
      }
      index.ifPresent(Index::close);
      deleteAll(folder.resolve("index"));
      return RocksIndex.open(folder.resolve("index"));
    } catch (IOException e) {
      throw new RefusedException("the state folder " + folder + " cannot be used: " + e, e);
    }
  }

  /// Makes the state folder where there is none, for its user alone: the operator's socket may lie
  /// in it.
  public static void makeFolder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
  }

  /// The mark is gone from the disk before the index changes: it must not come back with the power.
  private static boolean takeCleanMark(Path folder) throws IOException {
    boolean clean = Files.deleteIfExists(folder.resolve(CLEAN));
    if (clean) {
      try (FileChannel opened = FileChannel.open(folder, StandardOpenOption.READ)) {
        opened.force(true);
      }
    }
    return clean;
  }

  /// Says that the index in `folder` was flushed and closed, so that the next start may trust it.
  public static void markClean(Path folder) throws HoldfastException {
    try {
      Files.write(folder.resolve(CLEAN), new byte[0]);
    } catch (IOException e) {
      throw new RefusedException("the state folder " + folder + " cannot be written: " + e, e);
    }
  }

  /// Seals whatever is open and returns the epoch that this process owns. Refused if the index
  /// knows more than the bucket.
  public int fence(Index index, SecureRandom random) throws HoldfastException {
    return new Fence(bucket, key, service, clock)
        .take(
            shard,
            seen(index),
            () -> {
              byte[] owner = new byte[16];
              random.nextBytes(owner);
              return Bytes.wrap(owner);
            });
  }

  /// Replays what the index does not hold yet.
  public ShardState catchUp(Index index) throws HoldfastException {
    LogReader reader = new LogReader(bucket, key, service);
    LogChain chain = new LogChain(reader, reader.list(shard));
    Optional<SegmentId> from = seen(index);
    if (from.isPresent() && !chain.reaches(from.get())) {
      throw new RefusedException(
          "the bucket ends before "
              + from.get()
              + ", which this server has seen acknowledged: the bucket has lost objects. Restore"
              + " them from a copy; to go on without them, delete the state folder and rebuild");
    }
    ShardState state = ShardState.open(shard, index);
    List<SegmentId> missing = chain.counted(shard, from);
    listener.replaying(missing.size());
    new Replay(reader, spawner, listener::replayed).apply(state, missing);
    return state;
  }

  private Optional<SegmentId> seen(Index index) {
    Position position = ShardState.position(index);
    return position.epoch() == 0 ? Optional.empty() : Optional.of(position.segmentId(shard));
  }

  private Optional<Index> tryOpen(Path folder) throws HoldfastException {
    try {
      return Optional.of(RocksIndex.open(folder));
    } catch (RefusedException e) {
      listener.discarded(e.getMessage());
      return Optional.empty();
    }
  }

  private boolean isProven(Index index) {
    StateDigest expected;
    StateDigest found;
    try {
      expected = ShardState.position(index).digest();
      found = ShardState.scan(index);
    } catch (IndexException | BufferUnderflowException e) {
      listener.discarded("it cannot be read (" + e.getMessage() + ")");
      return false;
    }
    if (found.equals(expected)) {
      listener.proven(found);
      return true;
    }
    listener.discarded("its digest is " + found + " where " + expected + " should be");
    return false;
  }

  /// Deletes a folder and all that is in it.
  public static void deleteAll(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /// Hears what a start does.
  public interface Listener {
    /// The index was not closed, and is what it was.
    void proven(StateDigest digest);

    /// The index is thrown away, and why.
    void discarded(String reason);

    /// So many segments are not in the index.
    void replaying(int segments);

    void replayed(long segmentsDone, long segmentsAll, long recordsDone);
  }
}
