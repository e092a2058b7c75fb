package org.holdfast.server.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.Patience;
import org.holdfast.log.SegmentId;
import org.holdfast.log.SegmentRange;
import org.holdfast.server.SteppingClock;
import org.junit.jupiter.api.Test;

class DoubtTest {
  private static final List<SegmentRange> HOLES = List.of(range(1, 2), range(5, 7));
  private static final List<SegmentRange> OTHERS = List.of(range(5, 7), range(9, 9));

  @Test
  void sameHolesForAsLongAsPatienceGoesAreLostAndTheNewestIsNamed() throws Exception {
    Doubt doubt = doubt(1000);
    assertThat(asked(doubt, HOLES, 3)).isEqualTo(3);
    assertThatThrownBy(() -> asked(doubt, HOLES, 100))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining(id(7).key());
  }

  @Test
  void patienceBeginsAnewWhenTheHolesChange() throws Exception {
    int asMany = countUntilLost(doubt(1000), HOLES);
    assertThat(asMany).isGreaterThan(3);
    Doubt doubt = doubt(1000);
    asked(doubt, HOLES, asMany - 1);
    assertThat(asked(doubt, OTHERS, asMany - 1)).isEqualTo(asMany - 1);
    assertThatThrownBy(() -> asked(doubt, OTHERS, 100))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining(id(9).key());
  }

  @Test
  void withoutPatienceTheyAreLostWhenTheyAreSeenAgain() throws Exception {
    Doubt doubt = doubt(0);
    doubt.of(HOLES, true);
    assertThatThrownBy(() -> doubt.of(HOLES, true)).isInstanceOf(CorruptException.class);
  }

  @Test
  void whatCouldNotBeReadMayHaveRetiredThem() throws Exception {
    Doubt doubt = doubt(0);
    doubt.of(HOLES, false);
    assertThatThrownBy(() -> doubt.of(HOLES, false))
        .as("nobody can tell")
        .isInstanceOf(UnavailableException.class);
    assertThatThrownBy(() -> doubt.of(HOLES, true)).isInstanceOf(CorruptException.class);
  }

  @Test
  void logThatIsCleanedFasterThanItIsReadIsToBeTriedAgain() throws Exception {
    Doubt doubt = doubt(1000);
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 1000; i++) {
                doubt.of(i % 2 == 0 ? HOLES : OTHERS, true);
              }
            })
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("try again");
    assertThatThrownBy(
            () -> {
              Doubt again = doubt(1000);
              for (int i = 0; i < 1000; i++) {
                again.again(range(i + 1, i + 1));
              }
            })
        .isInstanceOf(UnavailableException.class);
  }

  /// How often it may be asked, up to so many times, before it throws.
  private static int asked(Doubt doubt, List<SegmentRange> holes, int times)
      throws HoldfastException {
    for (int i = 0; i < times; i++) {
      doubt.of(holes, true);
    }
    return times;
  }

  private static int countUntilLost(Doubt doubt, List<SegmentRange> holes)
      throws HoldfastException {
    for (int i = 0; ; i++) {
      try {
        doubt.of(holes, true);
      } catch (CorruptException e) {
        return i;
      }
    }
  }

  private static Doubt doubt(long patienceMillis) {
    SteppingClock clock = new SteppingClock();
    return new Doubt(() -> new Patience(clock, patienceMillis));
  }

  private static SegmentRange range(long first, long last) {
    return new SegmentRange(id(first), id(last));
  }

  private static SegmentId id(long number) {
    return new SegmentId(0, 1, number);
  }
}
