package org.holdfast.server.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.holdfast.core.AccountId;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.InviteId;
import org.holdfast.core.MachineId;
import org.holdfast.core.Right;
import org.holdfast.core.ServiceId;
import org.holdfast.core.Spawner;
import org.holdfast.core.TransactionId;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogRecord;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;
import org.holdfast.log.StateDigest;
import org.holdfast.server.index.MemoryIndex;
import org.junit.jupiter.api.Test;

class ShardStateTest {
  private static final AccountId ACCOUNT = new AccountId(run(1, 16));
  private static final InviteId INVITE = new InviteId(run(2, 16));
  private static final MachineId MACHINE = new MachineId(run(3, 16));
  private static final TransactionId FIRST = new TransactionId(run(4, 16));
  private static final TransactionId SECOND = new TransactionId(run(5, 16));
  private static final BlockName ROOT = new BlockName(run(6, 32));
  private static final BlockName OTHER_ROOT = new BlockName(run(7, 32));
  private static final BlockName CHUNK = new BlockName(run(8, 32));
  private static final Bytes SECRET_HASH = run(9, 32);
  private static final Bytes WRITE_KEY = run(10, 32);
  private static final SegmentId SEGMENT = new SegmentId(0, 2, 1);

  private final MemoryIndex index = new MemoryIndex();
  private final ShardState state = ShardState.open(0, index);
  private long segments;

  private static Bytes run(int start, int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) start);
    return Bytes.wrap(bytes);
  }

  private long apply(LogRecord item) throws CorruptException {
    long number = state.position().nextRecord();
    state.apply(new LogEntry(number, item, 0), SEGMENT);
    return number;
  }

  /// What is listed once all of it is durable.
  private SortedMap<BlockName, ArchiveRow> archives() {
    SegmentId id = new SegmentId(0, 2, ++segments);
    ServiceId service = ServiceId.of(new byte[ServiceId.LENGTH]);
    state.endSegment(new SegmentHeader(service, id, false, 0, 0, 100, 0, List.of()));
    state.durable(id);
    return state.durable().archives(MACHINE, Optional.empty(), 100);
  }

  private void register() throws CorruptException {
    apply(new LogRecord.AccountOpened(ACCOUNT, "Zoë"));
    apply(new LogRecord.InviteMade(INVITE, ACCOUNT, SECRET_HASH, "laptop", 99));
    apply(
        new LogRecord.MachineRegistered(
            MACHINE,
            ACCOUNT,
            INVITE,
            "laptop",
            List.of(new LogRecord.Credential(Right.WRITE, WRITE_KEY))));
  }

  private long store(long begun, BlockName name, BlockClass kind) throws CorruptException {
    return apply(new LogRecord.BlockStored(MACHINE, begun, kind, name, 100, 5));
  }

  private boolean isVisible(BlockName name, BlockClass kind) {
    return state.visible(MACHINE, kind, name, -1).isPresent();
  }

  private void refused(LogRecord item) {
    assertThatThrownBy(() -> apply(item)).isInstanceOf(CorruptException.class);
  }

  /// R33: while the machine holds an archive and has a transaction open.
  @Test
  void machineThatIsMovedKeepsAllButItsAccount() throws Exception {
    register();
    AccountId other = new AccountId(run(11, 16));
    refused(new LogRecord.MachineMoved(MACHINE, ACCOUNT, other, 7));
    apply(new LogRecord.AccountOpened(other, "Yann"));
    long begun = apply(writeBegun(FIRST));
    store(begun, ROOT, BlockClass.ROOT);
    apply(checkpoint(begun, ROOT, 1, 1000));
    MachineRow before = state.machine(MACHINE).orElseThrow();
    refused(new LogRecord.MachineMoved(MACHINE, ACCOUNT, ACCOUNT, 7));
    refused(new LogRecord.MachineMoved(MACHINE, other, ACCOUNT, 7));
    refused(new LogRecord.MachineMoved(new MachineId(run(12, 16)), ACCOUNT, other, 7));
    refused(new LogRecord.MachineMoved(MACHINE, ACCOUNT, new AccountId(run(13, 16)), 7));
    apply(new LogRecord.MachineMoved(MACHINE, ACCOUNT, other, 7));
    assertThat(state.machine(MACHINE)).contains(before.withAccount(other));
    assertThat(state.invite(INVITE).orElseThrow().account()).isEqualTo(ACCOUNT);
    store(begun, CHUNK, BlockClass.CHUNK);
    apply(new LogRecord.MachineMoved(MACHINE, other, ACCOUNT, 8));
    assertThat(state.machine(MACHINE)).contains(before.plus(1, 100));
    assertThat(archives()).containsOnlyKeys(ROOT);
  }

  @Test
  void digestIsTheSumThatTheFormatSays() throws Exception {
    register();
    long begun = apply(writeBegun(FIRST));
    store(begun, ROOT, BlockClass.ROOT);
    long checkpoint = apply(checkpoint(begun, ROOT, 1, 1000));

    BigInteger sum =
        Stream.of(
                row(
                    out -> {
                      out.write('a');
                      out.write(ACCOUNT.bytes().toArray());
                    },
                    out -> {
                      out.writeLong(1);
                      text(out, "Zoë");
                    }),
                row(
                    out -> {
                      out.write('i');
                      out.write(INVITE.bytes().toArray());
                    },
                    out -> {
                      out.writeLong(2);
                      out.write(ACCOUNT.bytes().toArray());
                      out.write(SECRET_HASH.toArray());
                      text(out, "laptop");
                      out.writeLong(99);
                      out.write(MACHINE.bytes().toArray());
                    }),
                row(
                    out -> {
                      out.write('m');
                      out.write(MACHINE.bytes().toArray());
                    },
                    out -> {
                      out.writeLong(3);
                      out.write(ACCOUNT.bytes().toArray());
                      out.write(INVITE.bytes().toArray());
                      text(out, "laptop");
                      out.write(1);
                      out.write(1);
                      out.write(WRITE_KEY.toArray());
                      out.write(new byte[16]);
                      out.writeLong(0);
                      out.write(1);
                      out.write(FIRST.bytes().toArray());
                      out.writeLong(begun);
                      out.writeLong(0);
                      out.write(new byte[32]);
                      out.writeLong(1);
                      out.writeLong(100);
                    }),
                row(
                    out -> {
                      out.write('b');
                      out.write(MACHINE.bytes().toArray());
                      out.write(3);
                      out.write(ROOT.bytes().toArray());
                    },
                    out -> {
                      out.writeLong(begun + 1);
                      out.writeLong(begun);
                      out.writeInt(100);
                      out.writeInt(5);
                    }),
                row(
                    out -> {
                      out.write('r');
                      out.write(MACHINE.bytes().toArray());
                      out.write(ROOT.bytes().toArray());
                    },
                    out -> {
                      out.writeLong(begun);
                      out.writeLong(1);
                      out.writeLong(1000);
                      out.write(1);
                    }),
                row(
                    out -> {
                      out.write('t');
                      out.write(MACHINE.bytes().toArray());
                      out.writeLong(begun);
                    },
                    out -> {
                      out.write(0);
                      out.writeLong(checkpoint);
                      out.write(ROOT.bytes().toArray());
                      out.writeLong(1);
                    }))
            .reduce(BigInteger.ZERO, BigInteger::add)
            .mod(BigInteger.ONE.shiftLeft(128));
    assertThat(state.digest()).hasToString(String.format("%032x", sum));
  }

  @Test
  void digestDoesNotDependOnTheOrderOfUnrelatedRowsAndEqualsAScan() throws Exception {
    // The numbers of records are part of rows, so order is changed where none is: in the index.
    register();
    long begun = apply(writeBegun(FIRST));
    store(begun, CHUNK, BlockClass.CHUNK);
    StateDigest lazily = state.digest();
    store(begun, ROOT, BlockClass.ROOT);
    apply(committed(begun, ROOT, 1, 5));
    assertThat(state.digest()).isNotEqualTo(lazily);
    end();
    assertThat(ShardState.scan(index, Spawner.virtual()))
        .isEqualTo(ShardState.position(index).rows());
    assertThat(ShardState.position(index).digest()).isEqualTo(state.digest());
  }

  @Test
  void digestCountsADeletionAndWhatItHides() throws Exception {
    register();
    long begun = apply(writeBegun(FIRST));
    long stored = store(begun, CHUNK, BlockClass.CHUNK);
    apply(committed(begun, MachineRow.NO_ROOT, 0, 5));
    long deletion = apply(deleteBegun(SECOND));
    BigInteger before = sum();
    apply(deleted(deletion, BlockClass.CHUNK, CHUNK));
    assertThat(sum().subtract(before).mod(MOD))
        .isEqualTo(
            copy('b', begun, stored, deletion)
                .subtract(copy('b', begun, stored, 0))
                .add(deletion(deletion, 0, 0, 0, 1))
                .subtract(deletion(deletion, 0, 0, 0, 0))
                .mod(MOD));

    before = sum();
    MachineRow machine = state.machine(MACHINE).orElseThrow();
    apply(new LogRecord.DeleteCommitted(MACHINE, deletion, 7, 9));
    BigInteger machines = machine(state.machine(MACHINE).orElseThrow()).subtract(machine(machine));
    assertThat(sum().subtract(before).subtract(machines).mod(MOD))
        .isEqualTo(
            deletion(deletion, 1, 7, 9, 1).subtract(deletion(deletion, 0, 0, 0, 1)).mod(MOD));

    long next = apply(writeBegun(FIRST));
    before = sum();
    machine = state.machine(MACHINE).orElseThrow();
    long again = store(next, CHUNK, BlockClass.CHUNK);
    machines = machine(state.machine(MACHINE).orElseThrow()).subtract(machine(machine));
    assertThat(sum().subtract(before).subtract(machines).mod(MOD))
        .isEqualTo(
            copy('b', next, again, 0)
                .add(copy('o', begun, stored, deletion))
                .subtract(copy('b', begun, stored, deletion))
                .mod(MOD));
  }

  private static final BigInteger MOD = BigInteger.ONE.shiftLeft(128);

  private BigInteger sum() {
    return new BigInteger(state.digest().toString(), 16);
  }

  private static BigInteger machine(MachineRow row) throws Exception {
    return row(
        out -> {
          out.write('m');
          out.write(MACHINE.bytes().toArray());
        },
        out -> out.write(row.encode()));
  }

  private static BigInteger copy(char kind, long begun, long record, long deletion)
      throws Exception {
    return row(
        out -> {
          out.write(kind);
          out.write(MACHINE.bytes().toArray());
          out.write(1);
          out.write(CHUNK.bytes().toArray());
          if (kind == 'o') {
            out.writeLong(record);
          }
        },
        out -> {
          out.writeLong(record);
          out.writeLong(begun);
          out.writeInt(100);
          out.writeInt(5);
          if (deletion != 0) {
            out.writeLong(deletion);
          }
        });
  }

  private static BigInteger deletion(long begun, int stage, long time, long until, long blocks)
      throws Exception {
    return row(
        out -> {
          out.write('d');
          out.write(MACHINE.bytes().toArray());
          out.writeLong(begun);
        },
        out -> {
          out.write(stage);
          out.write(SECOND.bytes().toArray());
          out.writeLong(time);
          out.writeLong(until);
          out.writeLong(blocks);
        });
  }

  @Test
  void uncommittedBlocksAreInvisibleToOthers() throws Exception {
    register();
    long begun = apply(writeBegun(FIRST));
    store(begun, CHUNK, BlockClass.CHUNK);
    assertThat(isVisible(CHUNK, BlockClass.CHUNK)).isFalse();
    assertThat(state.visible(MACHINE, BlockClass.CHUNK, CHUNK, begun)).isPresent();
    apply(committed(begun, MachineRow.NO_ROOT, 0, 5));
    assertThat(isVisible(CHUNK, BlockClass.CHUNK)).isTrue();
    assertThat(state.machine(MACHINE).orElseThrow().committed().id()).isEqualTo(FIRST);
    assertThat(state.machine(MACHINE).orElseThrow().open().isNone()).isTrue();
  }

  @Test
  void takeoverKeepsTheOldPartialArchiveAndNothingBehindIt() throws Exception {
    register();
    long begun = apply(writeBegun(FIRST));
    store(begun, ROOT, BlockClass.ROOT);
    apply(checkpoint(begun, ROOT, 1, 5));
    long dropped = store(begun, CHUNK, BlockClass.CHUNK);
    long next = apply(writeBegun(SECOND));
    assertThat(isVisible(ROOT, BlockClass.ROOT)).isTrue();
    assertThat(isVisible(CHUNK, BlockClass.CHUNK)).isFalse();
    assertThat(state.machine(MACHINE).orElseThrow().sequence()).isEqualTo(1);
    assertThat(state.machine(MACHINE).orElseThrow().lastRoot()).isEqualTo(ROOT);
    refused(new LogRecord.BlockStored(MACHINE, begun, BlockClass.CHUNK, OTHER_ROOT, 1, 1));
    refused(committed(begun, MachineRow.NO_ROOT, 0, 1));
    // The block that nobody kept may be stored again, and is counted until it is freed.
    store(next, CHUNK, BlockClass.CHUNK);
    assertThat(state.machine(MACHINE).orElseThrow().blocks()).isEqualTo(3);
    apply(freed(BlockClass.CHUNK, CHUNK, dropped));
    assertThat(state.machine(MACHINE).orElseThrow().blocks()).isEqualTo(2);
    store(next, OTHER_ROOT, BlockClass.ROOT);
    refused(committed(next, OTHER_ROOT, 1, 6));
    apply(committed(next, OTHER_ROOT, 2, 6));
    assertThat(archives()).containsOnlyKeys(ROOT, OTHER_ROOT);
    assertThat(archives().get(ROOT).partial()).isTrue();
  }

  @Test
  void laterCheckpointReplacesThePartialArchiveOfTheOneBefore() throws Exception {
    register();
    long begun = apply(writeBegun(FIRST));
    store(begun, ROOT, BlockClass.ROOT);
    apply(checkpoint(begun, ROOT, 1, 5));
    store(begun, OTHER_ROOT, BlockClass.ROOT);
    apply(checkpoint(begun, OTHER_ROOT, 1, 6));
    assertThat(archives()).containsOnlyKeys(OTHER_ROOT);
    apply(committed(begun, OTHER_ROOT, 1, 7));
    assertThat(archives().get(OTHER_ROOT).partial()).isFalse();
  }

  @Test
  void rootOfAnotherArchiveCannotBeTaken() throws Exception {
    register();
    long begun = apply(writeBegun(FIRST));
    store(begun, ROOT, BlockClass.ROOT);
    apply(committed(begun, ROOT, 1, 5));
    long next = apply(writeBegun(SECOND));
    refused(checkpoint(next, ROOT, 2, 6));
    refused(committed(next, ROOT, 2, 6));
  }

  @Test
  void recordsThatNoShardWritesAreCorrupt() throws Exception {
    refused(new LogRecord.EpochBegun(9, run(1, 16), 0));
    refused(new LogRecord.EpochSealed(3, run(1, 16)));
    refused(new LogRecord.InviteMade(INVITE, ACCOUNT, SECRET_HASH, "", 0));
    refused(writeBegun(FIRST));
    register();
    refused(new LogRecord.MachineRegistered(MACHINE, ACCOUNT, INVITE, "laptop", List.of()));
    refused(new LogRecord.Cancelled(MACHINE, 0));
    refused(new LogRecord.Digest(StateDigest.ZERO));
    long begun = apply(writeBegun(FIRST));
    store(begun, CHUNK, BlockClass.CHUNK);
    apply(committed(begun, MachineRow.NO_ROOT, 0, 5));
    long next = apply(writeBegun(SECOND));
    refused(new LogRecord.BlockStored(MACHINE, next, BlockClass.CHUNK, CHUNK, 1, 1));
    apply(new LogRecord.Digest(state.digest()));
  }

  @Test
  void forgettingGoesBackToWhatIsDurable() throws Exception {
    register();
    end();
    StateDigest durable = state.digest();
    Position position = state.position();
    long begun = apply(writeBegun(FIRST));
    store(begun, CHUNK, BlockClass.CHUNK);
    state.forgetPending();
    assertThat(state.digest())
        .isEqualTo(durable)
        .isEqualTo(ShardState.scan(index, Spawner.virtual()).digest());
    assertThat(state.position()).isEqualTo(position);
    assertThat(state.isPending(MACHINE)).isFalse();
    assertThat(state.machine(MACHINE).orElseThrow().open().isNone()).isTrue();
  }

  private void end() {
    state.endSegment(
        new SegmentHeader(ServiceId.of(new byte[16]), SEGMENT, false, 0, 0, 500, 0, List.of()));
    state.durable(SEGMENT);
  }

  private static BigInteger row(Writing key, Writing value) throws Exception {
    byte[] keyBytes = bytes(key);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(keyBytes.length >> 8);
    all.write(keyBytes.length);
    all.writeBytes(keyBytes);
    all.writeBytes(bytes(value));
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(all.toByteArray());
    return new BigInteger(1, Arrays.copyOf(hash, 16));
  }

  private static byte[] bytes(Writing writing) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    writing.to(new DataOutputStream(out));
    return out.toByteArray();
  }

  private static void text(DataOutputStream out, String text) throws Exception {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeShort(bytes.length);
    out.write(bytes);
  }

  private interface Writing {
    void to(DataOutputStream out) throws Exception;
  }

  private LogRecord writeBegun(TransactionId id) throws CorruptException {
    return new LogRecord.WriteBegun(MACHINE, id, open());
  }

  private LogRecord deleteBegun(TransactionId id) throws CorruptException {
    return new LogRecord.DeleteBegun(MACHINE, id, open());
  }

  private long open() throws CorruptException {
    return state.machine(MACHINE).map(row -> row.open().begun()).orElse(0L);
  }

  private LogRecord checkpoint(long begun, BlockName root, long sequence, long timeMillis) {
    return new LogRecord.Checkpoint(
        MACHINE, begun, root, sequence, timeMillis, state.partial(MACHINE, begun));
  }

  private LogRecord committed(long begun, BlockName root, long sequence, long timeMillis) {
    return new LogRecord.Committed(
        MACHINE, begun, root, sequence, timeMillis, state.partial(MACHINE, begun));
  }

  private LogRecord deleted(long begun, BlockClass kind, BlockName name) {
    List<Long> copies = state.deletable(MACHINE, kind, name, begun);
    return new LogRecord.CopyDeleted(
        MACHINE, begun, kind, name, copies.isEmpty() ? 1 : copies.getFirst(), false);
  }

  private LogRecord freed(BlockClass kind, BlockName name, long stored) {
    return new LogRecord.CopyFreed(MACHINE, kind, name, stored, 1, 1);
  }

  @Test
  void aBlockIsStoredAgainBesideACopyThatIsSeenAndDeletedWithIt() throws Exception {
    register();
    long begun = apply(writeBegun(FIRST));
    long stored = store(begun, CHUNK, BlockClass.CHUNK);
    apply(again(begun, stored));
    long root = store(begun, ROOT, BlockClass.ROOT);
    refused(again(begun, root));
    apply(committed(begun, ROOT, 1, 1000));
    long next = apply(writeBegun(SECOND));
    long second = apply(again(next, stored));
    assertThat(state.visible(MACHINE, BlockClass.CHUNK, CHUNK, -1).orElseThrow().record())
        .isEqualTo(stored);
    assertThat(
            state
                .visible(MACHINE, BlockClass.CHUNK, CHUNK, next, copy -> copy.record() > stored + 1)
                .orElseThrow()
                .record())
        .isEqualTo(second);
    assertThat(state.deletable(MACHINE, BlockClass.CHUNK, CHUNK, 99))
        .as("kept")
        .containsExactly(stored + 1, stored);
  }

  private static LogRecord again(long begun, long damaged) {
    return new LogRecord.BlockStoredAgain(MACHINE, begun, BlockClass.CHUNK, CHUNK, 100, 5, damaged);
  }

  @Test
  void noCleaningIsUnderWayOfWhatIsRetired() throws Exception {
    SegmentId cleaned = new SegmentId(0, 1, 3);
    apply(new LogRecord.CleaningBegun(cleaned.epoch(), cleaned.number()));
    assertThat(state.isCleaning(cleaned)).isTrue();
    for (int i = 0; i < 2; i++) {
      apply(new LogRecord.SegmentsRetired(cleaned.epoch(), cleaned.number(), cleaned.number()));
      apply(new LogRecord.CleaningBegun(cleaned.epoch(), cleaned.number()));
      assertThat(state.isCleaning(cleaned)).isFalse();
      assertThat(state.isCleaningOther(SEGMENT)).isFalse();
    }
  }
}
