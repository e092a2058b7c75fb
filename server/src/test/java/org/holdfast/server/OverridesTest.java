package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.core.AccountId;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.RefusedException;
import org.holdfast.log.LogRecord;
import org.holdfast.log.SegmentId;
import org.holdfast.log.StateDigest;
import org.holdfast.server.state.Check;
import org.holdfast.server.state.ShardState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// R34: what stops a rebuild can be overridden, one by one, on purpose, and that is kept.
final class OverridesTest {
  @TempDir Path folder;

  private final World world = new World();
  private final Bucket bucket = new MemoryBucket();
  private final History history = new History(5, world.clock);
  private Path state;
  private MachineId machine;
  private AccountId other;
  private long next;

  @BeforeEach
  void live() throws Exception {
    state = folder.resolve("state");
    try (Service service = world.own(bucket, state, 6000)) {
      history.on(service.shard());
      history.run(100);
      history.check();
      service.shard().awaitDurable();
      machine = service.shard().read(ShardState::machines).firstKey();
      AccountId its = account(service);
      other =
          service.shard().read(ShardState::accounts).keySet().stream()
              .filter(each -> !each.equals(its))
              .findFirst()
              .orElseThrow();
      next = service.shard().position().nextRecord();
    }
  }

  private AccountId account(Service service) throws HoldfastException {
    return service.shard().read(rows -> rows.machine(machine).orElseThrow()).account();
  }

  private Rebuild.Report rebuild(Check... overridden) throws HoldfastException {
    Set<Check> all = EnumSet.noneOf(Check.class);
    all.addAll(List.of(overridden));
    return new Rebuild(world.terms(bucket), state, Rebuild.Progress.NONE)
        .run(Rebuild.How.REPLACE.overriding(all));
  }

  /// As in 2023: the log says of a machine that it was another account's than the replay knows.
  @Test
  void machineThatWasSomebodyElsesIsMovedAllTheSame() throws Exception {
    LogRecord strange = new LogRecord.MachineMoved(machine, account(), other, 5);
    StrangeTerm.write(bucket, world.clock, next, List.of(strange));
    assertThatThrownBy(() -> rebuild())
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("does not fit the state (account of a machine)")
        .hasMessageContaining("`holdfast rebuild --override owner`");
    assertThatThrownBy(() -> rebuild(Check.DIGEST, Check.LOST_END))
        .isInstanceOf(CorruptException.class);
    assertThat(state.resolve("overrides")).doesNotExist();
    Rebuild.Report report = rebuild(Check.OWNER);
    assertThat(report.overridden())
        .singleElement()
        .asString()
        .contains(" owner: record " + (next + 1) + " of shard 0", "(account of a machine)")
        .doesNotContain("several");
    assertThat(Files.readAllLines(state.resolve("overrides"))).isEqualTo(report.overridden());
    try (Service service = world.own(bucket, state)) {
      assertThat(account(service)).isEqualTo(other);
      assertThat(service.shard().overrides()).isEqualTo(report.overridden());
      history.moved(machine, other);
      history.on(service.shard());
      history.check();
      history.run(50);
      history.check();
    }
  }

  /// Nobody, as far as this log knows.
  private AccountId account() {
    return AccountId.of(new byte[AccountId.LENGTH]);
  }

  @Test
  void machineIsNotMovedToAnAccountThatIsNotThere() throws Exception {
    LogRecord strange = new LogRecord.MachineMoved(machine, other, account(), 5);
    StrangeTerm.write(bucket, world.clock, next, List.of(strange));
    assertThat(rebuild(Check.OWNER).overridden())
        .singleElement()
        .asString()
        .contains("(the first of several)");
    try (Service service = world.own(bucket, state)) {
      assertThat(account(service)).isNotEqualTo(account());
      history.on(service.shard());
      history.check();
    }
  }

  @Test
  void digestThatDiffersIsGoneOnWithout() throws Exception {
    LogRecord strange = new LogRecord.Digest(new StateDigest(1, 2));
    StrangeTerm.write(bucket, world.clock, next, List.of(strange));
    assertThatThrownBy(() -> rebuild(Check.OWNER))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("`holdfast rebuild --override digest`");
    assertThat(rebuild(Check.DIGEST).overridden()).hasSize(1);
    try (Service service = world.own(bucket, state)) {
      history.on(service.shard());
      history.check();
    }
  }

  /// Of any other record that does not fit no check is overridden.
  @Test
  void recordThatWouldTakeSomethingAwayStopsInAnyCase() throws Exception {
    LogRecord strange = new LogRecord.TransactionCleared(machine, 1);
    StrangeTerm.write(bucket, world.clock, next, List.of(strange));
    assertThatThrownBy(() -> rebuild(Check.values()))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("(transaction cleared)");
  }

  @Test
  void logThatHasLostItsEndIsGoneOnWithWithoutIt() throws Exception {
    assertThat(rebuild(Check.values()).overridden()).as("nothing is in its way").isEmpty();
    SegmentId last = World.counted(bucket).getLast();
    bucket.delete(last.key());
    assertThatThrownBy(() -> rebuild(Check.DIGEST, Check.OWNER))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining(last.key())
        .hasMessageContaining("`holdfast rebuild --override lost-end`");
    Rebuild compare = new Rebuild(world.terms(bucket), state, Rebuild.Progress.NONE);
    assertThat(compare.run(Rebuild.How.COMPARE.overriding(Set.of(Check.LOST_END))).comparison())
        .isEqualTo(Rebuild.Comparison.LOST_END);
    assertThat(state.resolve("overrides")).as("nothing was replaced").doesNotExist();
    assertThatThrownBy(() -> world.own(bucket, state)).isInstanceOf(RefusedException.class);
    assertThat(rebuild(Check.LOST_END).overridden())
        .singleElement()
        .asString()
        .contains(" lost-end: the bucket's log ends before " + last);
    world.own(bucket, state).close();
    assertThat(rebuild().comparison()).isEqualTo(Rebuild.Comparison.EQUAL);
    assertThat(Files.readAllLines(state.resolve("overrides"))).hasSize(1);
  }

  @Test
  void whatWasOverriddenIsKeptForTheLastHundredTimes() throws Exception {
    List<String> old = java.util.Collections.nCopies(200, "then owner: something");
    Files.write(state.resolve("overrides"), old);
    StrangeTerm.write(
        bucket, world.clock, next, List.of(new LogRecord.Digest(new StateDigest(1, 2))));
    List<String> added = rebuild(Check.DIGEST).overridden();
    assertThat(Files.readAllLines(state.resolve("overrides")))
        .hasSize(100)
        .endsWith(added.getFirst());
    Files.write(state.resolve("overrides"), new byte[] {-1, -2, 10});
    world.own(bucket, state).close();
  }

  @Test
  void checksHaveOneWordEach() throws Exception {
    for (Check check : Check.values()) {
      assertThat(Check.of(check.toString())).isEqualTo(check);
    }
    assertThatThrownBy(() -> Check.of("everything"))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("there are lost-end, digest, owner");
  }
}
