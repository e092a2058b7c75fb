package org.holdfast.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.holdfast.bucket.BucketContract.body;

import java.util.Map;
import org.assertj.core.data.Offset;
import org.holdfast.bucket.FaultyBucket.Fault;
import org.holdfast.core.UnavailableException;
import org.holdfast.core.UnavailableException.Trouble;
import org.junit.jupiter.api.Test;

final class BucketMeterTest {
  private final TestClock clock = new TestClock();
  private final BucketMeter meter = new BucketMeter(clock, new S3Settings.Prices(5, 0.4, 20));
  private final FaultyBucket faulty = new FaultyBucket(new MemoryBucket());
  private final Bucket bucket = new MeteredBucket(faulty, meter);

  @Test
  void requestsAndBytesAreCounted() throws Exception {
    bucket.putIfAbsent("k", body("12345"));
    bucket.get("k", 0, 3);
    bucket.get("k", 4, 100);
    bucket.list("", "", 10);
    bucket.delete("k");
    BucketMeter.Report report = meter.report();
    assertThat(report.puts()).isEqualTo(1);
    assertThat(report.gets()).isEqualTo(2);
    assertThat(report.lists()).isEqualTo(1);
    assertThat(report.deletes()).isEqualTo(1);
    assertThat(report.bytesOut()).isEqualTo(5);
    assertThat(report.bytesIn()).isEqualTo(4);
  }

  @Test
  void aMonthIsPricedByThePaceSoFar() throws Exception {
    for (int i = 0; i < 100; i++) {
      bucket.putIfAbsent("k" + i, body("x"));
      bucket.get("k" + i, 0, 1);
    }
    clock.pass(3_600_000);
    // 100 PUTs and 100 GETs an hour are 72,000 of each in 30 days.
    assertThat(meter.report().requestsMonth()).isCloseTo(72 * 5 + 72 * 0.4, Offset.offset(0.01));
    assertThat(meter.storageMonth(5_000_000_000L)).isEqualTo(100);
  }

  @Test
  void moreTroubleThanThereUsedToBeIsUnusual() throws Exception {
    fail(1_000, 10);
    assertThat(meter.report().troubles()).isEqualTo(Map.of(Trouble.OTHER, 10L));
    clock.pass(900_000);
    fail(1_000, 10);
    assertThat(meter.report().unusual()).as("as it was").isEmpty();
    clock.pass(900_000);
    fail(1_000, 100);
    assertThat(meter.report().unusual()).containsOnlyKeys(Trouble.OTHER);
  }

  private void fail(int calls, int failures) throws Exception {
    for (int i = 0; i < calls; i++) {
      if (i < failures) {
        faulty.fail(faulty.calls() + 1, Fault.BEFORE);
      }
      try {
        bucket.get("k", 0, 1);
      } catch (UnavailableException _) {
        // Counted by the meter.
      }
    }
  }
}
