package org.holdfast.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.holdfast.bucket.FaultyBucket.Fault;
import org.holdfast.core.UnavailableException;
import org.junit.jupiter.api.Test;

final class FaultyBucketTest extends BucketContract {
  private final Bucket inner = new MemoryBucket();
  private final FaultyBucket faulty = new FaultyBucket(inner);

  @Override
  protected Bucket bucket() {
    return faulty;
  }

  @Test
  void aCallThatFailsBeforeHasNoEffect() throws Exception {
    faulty.fail(2, Fault.BEFORE);
    faulty.putIfAbsent("a", body("1"));
    assertFails("b");
    assertThat(inner.get("b", 0, 1)).isEmpty();
    assertThat(faulty.putIfAbsent("b", body("2"))).isEqualTo(PutResult.CREATED);
    assertThat(faulty.calls()).isEqualTo(3);
    assertThat(faulty.isDead()).isFalse();
  }

  @Test
  void aCallThatFailsAfterHasTakenEffect() throws Exception {
    faulty.fail(1, Fault.AFTER);
    assertFails("a");
    assertThat(faulty.putIfAbsent("a", body("1"))).isEqualTo(PutResult.EXISTS);
  }

  @Test
  void nothingWorksAfterDeath() throws Exception {
    faulty.fail(2, Fault.DEATH_BEFORE);
    faulty.putIfAbsent("a", body("1"));
    assertThat(faulty.isDead()).isFalse();
    assertFails("b");
    assertThat(faulty.isDead()).isTrue();
    assertFails("c");
    assertThatThrownBy(() -> faulty.delete("a")).isInstanceOf(UnavailableException.class);
    assertThatThrownBy(() -> faulty.get("a", 0, 1)).isInstanceOf(UnavailableException.class);
    assertThatThrownBy(() -> faulty.list("", "", 9)).isInstanceOf(UnavailableException.class);
    assertThat(inner.list("", "", 9).objects()).containsExactly(new ListedObject("a", 1));
  }

  @Test
  void theCallOfDeathMayTakeEffect() throws Exception {
    faulty.fail(1, Fault.DEATH_AFTER);
    assertFails("a");
    assertFails("b");
    assertThat(inner.list("", "", 9).objects()).containsExactly(new ListedObject("a", 1));
  }

  private void assertFails(String key) {
    assertThatThrownBy(() -> faulty.putIfAbsent(key, body("1")))
        .isInstanceOf(UnavailableException.class);
  }
}
