package org.holdfast.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.holdfast.core.UnavailableException;
import org.junit.jupiter.api.Test;

final class SimBucketTest {
  private static final int OBJECTS = 300;
  private static final double SHARE = 0.3;
  private static final long HOUR_NANOS = 3_600_000_000_000L;

  private final Chance chance = new Chance(1);
  private final Loop loop = new Loop(chance, new Trace(null));
  private final SimStore store = new SimStore(loop);
  private final Faults faults = new Faults(Scenario.of(1), loop);
  private final SimProcess process = new SimProcess("server1", loop, chance);
  private final SimBucket bucket =
      new SimBucket(
          store,
          new Weather(loop),
          new Mishaps(loop, 1_000),
          loop,
          process,
          new SplittableRandom(1),
          faults.of("server1"));

  private static Rates rates() {
    return new Rates(
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, SHARE, SHARE,
        SHARE, SHARE, SHARE, 0, 0, 0, 0);
  }

  private static String key(int number) {
    return "object%03d".formatted(number);
  }

  /// Deletes each object once; what is looked at then.
  private void deleteAll(Consumer<String> afterEach) throws Exception {
    faults.set(rates());
    boolean[] isDone = new boolean[1];
    process
        .spawner()
        .spawn(
            "main",
            () -> {
              for (int i = 0; i < OBJECTS; i++) {
                store.put(key(i), new byte[] {(byte) i});
                try {
                  bucket.delete(key(i));
                  assertThat(store.whole(key(i))).as("what succeeds has happened").isNull();
                } catch (UnavailableException e) {
                  // That is what is looked at.
                }
                afterEach.accept(key(i));
              }
              isDone[0] = true;
            });
    loop.run(() -> isDone[0], 1_000_000, 1_000 * HOUR_NANOS);
  }

  @Test
  void aDeletionMeetsAllThatCanGoWrongWithIt() throws Exception {
    deleteAll(_ -> {});
    Map<String, Integer> counts = new HashMap<>();
    faults.struck().forEach(each -> counts.merge(each.kind(), 1, Integer::sum));
    assertThat(counts)
        .containsOnlyKeys("deleteFailed", "deleteUnheard", "deleteLate", "lingers", "zombie");
    assertThat(counts.values()).allMatch(count -> count > OBJECTS * SHARE / 8);
  }

  @Test
  void whatIsDeletedMayBeShownForAWhileOrComeBack() throws Exception {
    int[] shown = new int[2];
    deleteAll(key -> {
      if (store.whole(key) == null) {
        try {
          boolean isRead = bucket.get(key, 0, 1).isPresent();
          boolean isListed = !bucket.list(key, "", 1).objects().isEmpty();
          shown[isRead && isListed ? 1 : 0]++;
        } catch (UnavailableException e) {
          throw new IllegalStateException(e);
        }
      }
    });
    assertThat(shown[0]).isGreaterThan(OBJECTS / 10);
    assertThat(shown[1]).isGreaterThan(OBJECTS / 10);
    boolean[] isDue = new boolean[1];
    int before = store.size();
    loop.at(loop.nowNanos() + HOUR_NANOS, () -> isDue[0] = true);
    loop.run(() -> isDue[0], 1_000_000, 1_000 * HOUR_NANOS);
    assertThat(store.size()).isNotEqualTo(before).isLessThan(OBJECTS).isPositive();
  }

  @Test
  void inThePlaceOfWhatIsStillShownSomethingElseCanBePut() {
    store.put("a", new byte[] {1});
    byte[] deleted = Objects.requireNonNull(store.delete("a"));
    store.linger("a", deleted, 60_000);
    assertThat(store.shown("a")).containsExactly(1);
    store.put("a", new byte[] {2});
    assertThat(store.shown("a")).containsExactly(2);
    assertThat(store.whole("a")).containsExactly(2);
    assertThat(store.first("a")).as("what a log has once it has for good").containsExactly(1);
  }
}
