package org.holdfast.server.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.holdfast.log.SegmentId;
import org.holdfast.server.shard.CleaningChoice.Candidate;
import org.holdfast.server.state.SegmentRow;
import org.junit.jupiter.api.Test;

class CleaningChoiceTest {
  private static final SegmentId FIRST = SegmentId.first(0, 2);

  /// The first segment is dead, the others live but for a part.
  private static CleaningChoice choice() {
    List<Candidate> segments = new ArrayList<>();
    SegmentId id = FIRST;
    for (int i = 0; i < 20; i++) {
      segments.add(new Candidate(id, new SegmentRow(100, 10_000, i == 0 ? 0 : 9_000)));
      id = id.next();
    }
    return CleaningChoice.of(segments);
  }

  @Test
  void garbageThatCannotBeCleanedDoesNotMakeCleaningDue() {
    List<Candidate> segments = new ArrayList<>(choice().segments());
    segments.set(0, new Candidate(FIRST, new SegmentRow(100, 100_000, 0)));
    CleaningChoice choice = CleaningChoice.of(segments);
    assertThat(choice.isDue(0, Set.of())).isTrue();
    assertThat(choice.isDue(0, Set.of(FIRST))).isFalse();
  }

  @Test
  void damagedSegmentIsCleanedWhereNothingLivesInItAndItsHeaderIsWhole() {
    CleaningChoice choice = choice();
    SegmentId living = FIRST.next();
    assertThat(choice.without(Map.of(FIRST, Damage.DATA, living, Damage.DATA), Optional.empty()))
        .containsExactly(living);
    assertThat(choice.without(Map.of(FIRST, Damage.HEADER), Optional.empty()))
        .containsExactly(FIRST);
    assertThat(choice.without(Map.of(FIRST, Damage.MISSING), Optional.empty()))
        .containsExactly(FIRST);
    assertThat(choice.best(Set.of()).orElseThrow().id()).isEqualTo(FIRST);
  }

  @Test
  void whatLiesBehindTheNewestImageIsNotCleaned() {
    CleaningChoice choice = choice();
    SegmentId second = FIRST.next();
    assertThat(choice.without(Map.of(), Optional.of(second)))
        .hasSize(18)
        .doesNotContain(FIRST, second);
    assertThat(choice.without(Map.of(second.next(), Damage.DATA), Optional.of(second))).hasSize(18);
  }
}
