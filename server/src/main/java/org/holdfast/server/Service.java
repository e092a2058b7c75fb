package org.holdfast.server;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.function.Consumer;
import org.holdfast.bucket.Bucket;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.ServiceId;
import org.holdfast.core.Spawner;
import org.holdfast.log.LogKey;
import org.holdfast.server.index.Index;
import org.holdfast.server.shard.ShardService;
import org.holdfast.server.shard.ShardStart;
import org.holdfast.server.state.ShardState;

/// A service's one shard, from its start to its end: the same for a server process and for a client
/// that runs the service inside itself.
public final class Service implements AutoCloseable {
  /// So far there is one.
  static final int SHARD = 0;

  private final Index index;
  private final ShardService shard;
  private final Runnable afterClose;

  private Service(Index index, ShardService shard, Runnable afterClose) {
    this.index = index;
    this.shard = shard;
    this.afterClose = afterClose;
  }

  /// Takes the log over and serves everything. `folder` holds the index.
  public static Service own(
      Terms terms, Path folder, ShardStart.Listener listener, Consumer<Exception> whenStopped)
      throws HoldfastException {
    ShardStart start = terms.start(listener);
    Index index = start.openIndex(folder);
    try {
      int epoch = start.fence(index, terms.random);
      ShardState state = start.catchUp(index);
      return new Service(index, owned(terms, state, epoch, whenStopped), () -> markClean(folder));
    } catch (HoldfastException | RuntimeException e) {
      index.close();
      throw e;
    }
  }

  private static ShardService owned(
      Terms terms, ShardState state, int epoch, Consumer<Exception> whenStopped)
      throws HoldfastException {
    byte[] owner = new byte[16];
    terms.random.nextBytes(owner);
    ShardService shard = terms.shard(state, whenStopped);
    try {
      shard.own(terms.service, terms.key, SHARD, epoch, Bytes.wrap(owner));
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
    return new Service(index, terms.shard(state, _ -> {}), () -> {});
  }

  /// As [#readOnly], with the index in a folder.
  public static Service readOnly(Terms terms, Path folder, ShardStart.Listener listener)
      throws HoldfastException {
    Index index = terms.start(listener).openIndex(folder);
    try {
      ShardState state = terms.start(listener).catchUp(index);
      return new Service(index, terms.shard(state, _ -> {}), () -> markClean(folder));
    } catch (HoldfastException | RuntimeException e) {
      index.close();
      throw e;
    }
  }

  public ShardService shard() {
    return shard;
  }

  /// Makes everything durable, then closes the index so that the next start need not prove it.
  @Override
  public void close() throws HoldfastException {
    try {
      shard.close();
      index.flush();
    } finally {
      index.close();
    }
    afterClose.run();
  }

  private static void markClean(Path folder) {
    try {
      ShardStart.markClean(folder);
    } catch (HoldfastException e) {
      // The next start proves the index instead of trusting it.
      org.slf4j.LoggerFactory.getLogger(Service.class).warn("{}", e.getMessage());
    }
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
