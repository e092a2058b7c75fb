package org.holdfast.cli.process;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Optional;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.Buckets;
import org.holdfast.core.AccountId;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.log.Fence;
import org.holdfast.log.LogKey;
import org.holdfast.log.LogReader;
import org.holdfast.log.LogRecord;
import org.holdfast.log.LogWriter;
import org.holdfast.log.SegmentId;
import org.holdfast.server.ServerConfig;
import org.holdfast.server.ServiceSecrets;
import org.holdfast.server.index.MemoryIndex;
import org.holdfast.server.shard.CatchUp;
import org.holdfast.server.state.MachineChoice;
import org.holdfast.server.state.ShardState;

/// What a server with a defect has left at the end of a log: it moved a machine to the account that
/// it is of, from one that nobody knows.
final class StrangeLog {
  private final ServerConfig config;
  private final Clock clock = new SystemClock();
  private final SecureRandom random = new SecureRandom();

  /// Of the service with this config, whose secrets file is beside it.
  StrangeLog(Path config) throws HoldfastException {
    this.config = ServerConfig.read(config, Map.of());
  }

  /// Takes the log over, as no other server runs. Answers the number of the strange record.
  long end(String machineName) throws Exception {
    ServiceSecrets secrets = ServiceSecrets.decode(Files.readString(config.secrets()));
    LogKey key = new LogKey(secrets.logKey());
    Spawner spawner = Spawner.virtual();
    Bucket bucket = new Buckets(clock, random, spawner, config.s3()).open(config.bucket());
    byte[] owner = new byte[16];
    Fence.Taken own =
        new Fence(bucket, key, secrets.service(), clock, spawner, 1_000)
            .take(0, Optional.empty(), () -> Bytes.wrap(owner));
    LogReader reader = new LogReader(bucket, key, secrets.service(), spawner, clock, 1_000);
    ShardState state =
        new CatchUp(0, reader, spawner, Optional.empty(), new CatchUp.Listener() {})
            .run(new MemoryIndex());
    MachineId machine = new MachineChoice(state.machines()).of(machineName);
    AccountId its = state.machine(machine).orElseThrow().account();
    LogWriter writer =
        new LogWriter(
            secrets.service(),
            key,
            SegmentId.first(0, own.epoch()),
            state.position().nextRecord(),
            clock,
            (id, body) -> {
              try {
                bucket.putIfAbsent(id.key(), body);
              } catch (HoldfastException e) {
                throw new AssertionError(e);
              }
            },
            1 << 20,
            LogWriter.IN_FLIGHT_MAX);
    ByteBuffer nothing = ByteBuffer.allocate(0);
    writer.append(new LogRecord.EpochBegun(own.epoch(), Bytes.wrap(owner), 0), nothing);
    AccountId nobody = AccountId.of(new byte[AccountId.LENGTH]);
    long number = writer.nextRecord();
    writer.append(new LogRecord.MachineMoved(machine, nobody, its, 0), nothing);
    writer.flush().orElseThrow();
    return number;
  }
}
