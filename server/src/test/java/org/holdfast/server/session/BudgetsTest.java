package org.holdfast.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import org.holdfast.core.AccountId;
import org.holdfast.core.MachineId;
import org.holdfast.protocol.Share;
import org.junit.jupiter.api.Test;

final class BudgetsTest {
  private static final int MIB = 1 << 20;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Budgets budgets = new Budgets(new Limits(128 * MIB, 64 * MIB, 10));
  private final AccountId account = AccountId.random(RANDOM);
  private final MachineId machine = MachineId.random(RANDOM);

  @Test
  void sessionsOfOneMachineHoldThreeEighthsTogether() {
    Share one = budgets.join(account, machine).stores();
    Share two = budgets.join(account, machine).stores();
    assertThat(one.tryTake(40 * MIB)).isTrue();
    assertThat(two.tryTake(8 * MIB + 1)).isFalse();
    assertThat(two.tryTake(8 * MIB)).isTrue();
  }

  @Test
  void machinesOfOneAccountHoldHalfTogether() {
    Share one = budgets.join(account, machine).fetches();
    Share two = budgets.join(account, MachineId.random(RANDOM)).fetches();
    assertThat(one.tryTake(24 * MIB)).isTrue();
    assertThat(two.tryTake(8 * MIB + 1)).isFalse();
    assertThat(two.tryTake(8 * MIB)).isTrue();
    Share other = budgets.join(AccountId.random(RANDOM), MachineId.random(RANDOM)).fetches();
    assertThat(other.tryTake(24 * MIB)).isTrue();
  }

  @Test
  void aMachineThatIsMovedCountsForItsAccountOfEachSession() {
    Budgets.Claim before = budgets.join(account, machine);
    AccountId other = AccountId.random(RANDOM);
    Budgets.Claim after = budgets.join(other, machine);
    budgets.leave(before);
    assertThat(after.stores().tryTake(48 * MIB)).isTrue();
    Share neighbour = budgets.join(other, MachineId.random(RANDOM)).stores();
    assertThat(neighbour.tryTake(16 * MIB + 1)).isFalse();
    assertThat(neighbour.tryTake(16 * MIB)).isTrue();
    after.stores().give(48 * MIB);
    budgets.leave(after);
    assertThat(budgets.count()).isEqualTo(2);
  }

  @Test
  void theSmallestBudgetsPassTheLargestBlock() {
    Budgets small = new Budgets(new Limits(Limits.BYTES_MIN, Limits.BYTES_MIN, 10));
    Budgets.Claim claim = small.join(account, machine);
    assertThat(small.storeCreditBytes()).isBetween(16L * MIB, Limits.BLOCK_BYTES);
    assertThat(claim.stores().tryTake(Limits.BLOCK_BYTES)).isTrue();
    assertThat(claim.fetches().tryTake(Limits.BLOCK_BYTES)).isTrue();
  }

  @Test
  void whatASessionLeavesBehindStaysTakenUntilItIsGivenBack() {
    Budgets.Claim first = budgets.join(account, machine);
    assertThat(first.stores().tryTake(48 * MIB)).isTrue();
    budgets.leave(first);
    Budgets.Claim second = budgets.join(account, machine);
    assertThat(second.stores().tryTake(1)).isFalse();
    first.stores().give(48 * MIB);
    assertThat(second.stores().tryTake(48 * MIB)).isTrue();
    second.stores().give(48 * MIB);
    assertThat(budgets.count()).isEqualTo(2);
    budgets.leave(second);
    assertThat(budgets.count()).isZero();
  }

  @Test
  void aSessionThatEndsLeavesItsSharesToTheOthersOfItsMachine() {
    Budgets.Claim first = budgets.join(account, machine);
    Budgets.Claim second = budgets.join(account, machine);
    budgets.leave(first);
    assertThat(second.stores().tryTake(48 * MIB)).isTrue();
    assertThat(budgets.join(account, machine).stores().tryTake(1)).isFalse();
  }
}
