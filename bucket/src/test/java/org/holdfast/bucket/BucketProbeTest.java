package org.holdfast.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.holdfast.bucket.ProbeReport.Finding;
import org.holdfast.bucket.ProbeReport.Verdict;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.junit.jupiter.api.Test;

final class BucketProbeTest {
  private final TestClock clock = new TestClock();

  @Test
  void aGoodStoreIsTakenAndLeftEmpty() throws Exception {
    MemoryBucket bucket = new MemoryBucket();
    ProbeReport report = probe(bucket);
    assertThat(report.findings()).allMatch(each -> each.verdict() == Verdict.GOOD).hasSize(6);
    assertThat(bucket.list("", "", 10).objects()).isEmpty();
  }

  @Test
  void aStoreThatIgnoresConditionsIsRefused() throws Exception {
    ProbeReport report = probe(new Lying(Lie.IGNORES_CONDITIONS));
    assertThat(report.against(false))
        .extracting(Finding::tried)
        .containsExactly("the second put of a key", "16 puts of a key at once");
    assertThat(report.against(true)).as("one writer, says the operator").isEmpty();
  }

  @Test
  void aStoreWhoseRacesHaveSeveralWinnersIsRefused() throws Exception {
    ProbeReport report = probe(new Lying(Lie.CHECKS_THEN_WRITES));
    assertThat(report.against(false))
        .extracting(Finding::tried)
        .containsExactly("16 puts of a key at once");
  }

  @Test
  void aStoreThatCutsListingsIsRefused() throws Exception {
    ProbeReport report = probe(new Lying(Lie.CUTS_LISTINGS));
    assertThat(report.against(true))
        .extracting(Finding::tried)
        .containsExactly("a listing of 1005 keys");
  }

  @Test
  void aStoreThatKeepsWhatWasDeletedIsRefused() throws Exception {
    ProbeReport report = probe(new Lying(Lie.KEEPS_DELETED));
    assertThat(report.against(true)).extracting(Finding::tried).containsExactly("what was deleted");
  }

  @Test
  void aStoreThatGivesWholeObjectsForRangesIsRefused() throws Exception {
    ProbeReport report = probe(new Lying(Lie.IGNORES_RANGES));
    assertThat(report.against(true))
        .extracting(Finding::tried)
        .containsExactly("ranges, also over the end");
  }

  @Test
  void anAnswerThatIsLostIsNoFindingAgainstTheStore() throws Exception {
    Bucket losing = new Lying(Lie.LOSES_AN_ANSWER);
    assertThat(probe(retrying(losing)).findings()).allMatch(each -> each.verdict() == Verdict.GOOD);
  }

  @Test
  void theStoreIsAskedAgainWhetherItTakesADamagedBody() throws Exception {
    RetryingBucket bucket = retrying(new MemoryBucket());
    StubClient client = new StubClient(500, 503, 400);
    S3Bucket store =
        new S3Bucket(client, new BucketAddress.S3("holdfast", ""), S3Settings.of(Map.of()), clock);
    ProbeReport report =
        new BucketProbe(bucket, Spawner.virtual(), new SecureRandom()).run(store, bucket);
    assertThat(report.findings()).allMatch(each -> each.verdict() == Verdict.GOOD).hasSize(7);
  }

  private RetryingBucket retrying(Bucket bucket) {
    BucketMeter meter = new BucketMeter(clock, S3Settings.Prices.DEFAULT);
    return new RetryingBucket(bucket, 60_000, meter, clock, new SecureRandom());
  }

  private static ProbeReport probe(Bucket bucket) throws Exception {
    return new BucketProbe(bucket, Spawner.virtual(), new SecureRandom()).run();
  }

  private enum Lie {
    IGNORES_CONDITIONS,
    CHECKS_THEN_WRITES,
    CUTS_LISTINGS,
    KEEPS_DELETED,
    IGNORES_RANGES,
    /// Of the first put after a delete.
    LOSES_AN_ANSWER
  }

  /// A store that breaks the contract in one way.
  private static final class Lying implements Bucket {
    private final Lie lie;
    private final TreeMap<String, byte[]> objects = new TreeMap<>();
    private int deletes;

    Lying(Lie lie) {
      this.lie = lie;
    }

    @Override
    public synchronized Optional<Range> get(String key, long offset, int length) {
      byte[] object = objects.get(key);
      if (object == null) {
        return Optional.empty();
      }
      int from = lie == Lie.IGNORES_RANGES ? 0 : (int) Math.min(offset, object.length);
      int to = (int) Math.min(object.length, from + (long) length);
      return Optional.of(new Range(java.util.Arrays.copyOfRange(object, from, to), object.length));
    }

    @Override
    public PutResult putIfAbsent(String key, List<ByteBuffer> body) throws UnavailableException {
      synchronized (this) {
        if (objects.containsKey(key) && lie != Lie.IGNORES_CONDITIONS) {
          return PutResult.EXISTS;
        }
        if (lie != Lie.CHECKS_THEN_WRITES) {
          write(key, body);
          loseAnswer();
          return PutResult.CREATED;
        }
      }
      Thread.yield();
      write(key, body);
      return PutResult.CREATED;
    }

    @Override
    public synchronized void delete(String key) {
      if (lie != Lie.KEEPS_DELETED) {
        objects.remove(key);
        deletes++;
      }
    }

    private void loseAnswer() throws UnavailableException {
      if (lie == Lie.LOSES_AN_ANSWER && deletes == 1) {
        deletes++;
        throw new UnavailableException("the answer is lost");
      }
    }

    @Override
    public synchronized Listing list(String prefix, String startAfter, int limit) {
      List<ListedObject> found =
          objects.tailMap(startAfter, false).entrySet().stream()
              .filter(each -> each.getKey().startsWith(prefix))
              .map(each -> new ListedObject(each.getKey(), each.getValue().length))
              .toList();
      Listing listing = Listing.cut(found, limit);
      return lie == Lie.CUTS_LISTINGS ? new Listing(listing.objects(), false) : listing;
    }

    private synchronized void write(String key, List<ByteBuffer> body) {
      byte[] bytes = new byte[KeyRules.checkBody(body)];
      ByteBuffer target = ByteBuffer.wrap(bytes);
      body.forEach(each -> target.put(each.duplicate()));
      objects.put(key, bytes);
    }
  }
}
