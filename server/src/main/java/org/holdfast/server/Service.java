package org.holdfast.server;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.function.Consumer;
import org.holdfast.bucket.Bucket;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.ServiceId;
import org.holdfast.core.Spawner;
import org.holdfast.log.LogKey;
import org.holdfast.log.SegmentId;
import org.holdfast.server.index.Index;
import org.holdfast.server.shard.ShardService;
import org.holdfast.server.shard.ShardStart;
import org.holdfast.server.shard.StateFolder;
import org.holdfast.server.state.ShardState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A service's one shard, from its start to its end: the same for a server process and for a client
/// that runs the service inside itself.
public final class Service implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Service.class);

  /// So far there is one.
  static final int SHARD = 0;

  private final Index index;
  private final ShardService shard;
  private final Optional<StateFolder> folder;

  private Service(Index index, ShardService shard, Optional<StateFolder> folder) {
    this.index = index;
    this.shard = shard;
    this.folder = folder;
  }

  /// Takes the log over and serves everything. The index is in `path`.
  public static Service own(
      Terms terms, Path path, ShardStart.Listener listener, Consumer<Exception> whenStopped)
      throws HoldfastException {
    ShardStart start = terms.start(listener);
    return in(
        path,
        start,
        index -> {
          int epoch = start.fence(index, terms.random);
          return owned(terms, start.catchUp(index), epoch, whenStopped);
        });
  }

  private static ShardService owned(
      Terms terms, ShardState state, int epoch, Consumer<Exception> whenStopped)
      throws HoldfastException {
    byte[] owner = new byte[16];
    terms.random.nextBytes(owner);
    ShardService shard = terms.shard(state, whenStopped);
    try {
      shard.own(
          terms.service, terms.key, SegmentId.first(SHARD, epoch), Bytes.wrap(owner), terms.random);
      return shard;
    } catch (HoldfastException | RuntimeException e) {
      // Nothing may touch the index any more, because it is closed next.
      shard.stop();
      throw e;
    }
  }

  /// Serves restores only, and takes nothing over: another process may own the log meanwhile.
  public static Service readOnly(Terms terms, Index index, ShardStart.Listener listener)
      throws HoldfastException {
    ShardState state = terms.start(listener).catchUp(index);
    return new Service(index, terms.shard(state, _ -> {}), Optional.empty());
  }

  /// As [#readOnly], with the index in a folder.
  public static Service readOnly(Terms terms, Path path, ShardStart.Listener listener)
      throws HoldfastException {
    ShardStart start = terms.start(listener);
    return in(path, start, index -> terms.shard(start.catchUp(index), _ -> {}));
  }

  private static Service in(Path path, ShardStart start, Maker maker) throws HoldfastException {
    StateFolder folder = StateFolder.open(path);
    try {
      Index index = start.openIndex(folder);
      try {
        return new Service(index, maker.make(index), Optional.of(folder));
      } catch (HoldfastException | RuntimeException e) {
        index.close();
        throw e;
      }
    } catch (HoldfastException | RuntimeException e) {
      folder.close();
      throw e;
    }
  }

  public ShardService shard() {
    return shard;
  }

  /// Makes everything durable, then closes the index so that the next start need not prove it.
  @Override
  public void close() throws HoldfastException {
    boolean flushed = false;
    try {
      shard.close();
      index.flush();
      flushed = true;
    } finally {
      index.close();
      if (flushed) {
        folder.ifPresent(Service::markClean);
      }
      folder.ifPresent(StateFolder::close);
    }
  }

  private static void markClean(StateFolder folder) {
    try {
      folder.markClean();
    } catch (HoldfastException e) {
      // The next start proves the index instead of trusting it.
      LOG.warn("{}", e.getMessage());
    }
  }

  /// Makes a shard that serves, of an opened index.
  private interface Maker {
    ShardService make(Index index) throws HoldfastException;
  }

  /// What every shard of a service is given.
  public record Terms(
      ServiceId service,
      LogKey key,
      Bucket bucket,
      Clock clock,
      Spawner spawner,
      SecureRandom random,
      long lingerMillis) {
    ShardStart start(ShardStart.Listener listener) {
      return new ShardStart(SHARD, bucket, key, service, clock, spawner, listener);
    }

    ShardService shard(ShardState state, Consumer<Exception> whenStopped) {
      return new ShardService(SHARD, state, bucket, clock, spawner, lingerMillis, whenStopped);
    }
  }
}
