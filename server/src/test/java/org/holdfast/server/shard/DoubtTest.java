package org.holdfast.server.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
    doubt.of(HOLES, true, Optional.empty());
    assertThatThrownBy(() -> doubt.of(HOLES, true, Optional.empty()))
        .isInstanceOf(CorruptException.class);
  }

  @Test
  void whatCouldNotBeReadMayHaveRetiredThem() throws Exception {
    Doubt doubt = doubt(0);
    doubt.of(HOLES, false, Optional.empty());
    assertThatThrownBy(() -> doubt.of(HOLES, false, Optional.empty()))
        .as("nobody can tell")
        .isInstanceOf(UnavailableException.class);
    assertThatThrownBy(() -> doubt.of(HOLES, true, Optional.empty()))
        .isInstanceOf(CorruptException.class);
  }

  @Test
  void logThatIsCleanedFasterThanItIsReadIsToBeTriedAgain() throws Exception {
    Doubt doubt = doubt(1000);
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 1000; i++) {
                doubt.of(i % 2 == 0 ? HOLES : OTHERS, true, Optional.empty());
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

  @Test
  void whereTheEndIsNotKnownWhatComesNextIsAskedForFirstAndIsNamedToo() throws Exception {
    List<SegmentId> asked = new ArrayList<>();
    Doubt doubt =
        new Doubt(
            () -> new Patience(new SteppingClock(), 0),
            id -> {
              asked.add(id);
              return false;
            });
    doubt.of(HOLES, true, Optional.of(id(10)));
    assertThat(asked).isEmpty();
    assertThatThrownBy(() -> doubt.of(HOLES, true, Optional.of(id(11))))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("(object " + id(7).key() + ")")
        .hasMessageContaining("(object " + id(11).key() + ")");
    assertThat(asked).containsExactly(id(11));
  }

  @Test
  void whereTheLogGoesOnNothingIsLostBeforeThatWasListed() throws Exception {
    Doubt doubt = new Doubt(() -> new Patience(new SteppingClock(), 0), id -> id.number() < 12);
    doubt.of(HOLES, true, Optional.of(id(10)));
    doubt.of(HOLES, true, Optional.of(id(10)));
    doubt.of(HOLES, true, Optional.of(id(11)));
    doubt.of(HOLES, true, Optional.of(id(11)));
    doubt.of(HOLES, true, Optional.of(id(12)));
    assertThatThrownBy(() -> doubt.of(HOLES, true, Optional.of(id(12))))
        .isInstanceOf(CorruptException.class);
  }

  @Test
  void listingThatNeverShowsWhatIsThereIsToBeTriedAgain() throws Exception {
    Doubt doubt = new Doubt(() -> new Patience(new SteppingClock(), 0), _ -> true);
    doubt.of(HOLES, true, Optional.of(id(10)));
    doubt.of(HOLES, true, Optional.of(id(10)));
    doubt.of(HOLES, true, Optional.of(id(10)));
    assertThatThrownBy(() -> doubt.of(HOLES, true, Optional.of(id(10))))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining(id(10).toString());
  }

  /// How often it may be asked, up to so many times, before it throws.
  private static int asked(Doubt doubt, List<SegmentRange> holes, int times)
      throws HoldfastException {
    for (int i = 0; i < times; i++) {
      doubt.of(holes, true, Optional.empty());
    }
    return times;
  }

  private static int countUntilLost(Doubt doubt, List<SegmentRange> holes)
      throws HoldfastException {
    for (int i = 0; ; i++) {
      try {
        doubt.of(holes, true, Optional.empty());
      } catch (CorruptException e) {
        return i;
      }
    }
  }

  private static Doubt doubt(long patienceMillis) {
    SteppingClock clock = new SteppingClock();
    return new Doubt(
        () -> new Patience(clock, patienceMillis),
        id -> {
          throw new AssertionError("nobody asks for " + id);
        });
  }

  private static SegmentRange range(long first, long last) {
    return new SegmentRange(id(first), id(last));
  }

  private static SegmentId id(long number) {
    return new SegmentId(0, 1, number);
  }
}
