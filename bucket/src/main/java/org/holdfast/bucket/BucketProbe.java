package org.holdfast.bucket;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.IntStream;
import org.holdfast.bucket.ProbeReport.Finding;
import org.holdfast.bucket.ProbeReport.Verdict;
import org.holdfast.core.CorruptException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;

/// Tries whether a store keeps the contract of a [Bucket], under `probe/` and a random name, and
/// removes what it put there (`docs/buckets.md`, "The probe").
///
/// A store that says no to something is reported; one that cannot be reached ends the probe.
final class BucketProbe {
  static final int RACERS = 16;
  static final int ROUNDS = 20;
  private static final int LISTED = Bucket.MAX_LISTED + 5;

  private final Bucket bucket;
  private final Crowd crowd;
  private final String prefix;
  private final List<Finding> findings = new ArrayList<>();
  private final Collection<String> put = new ConcurrentLinkedQueue<>();

  BucketProbe(Bucket bucket, Spawner spawner, SecureRandom random) {
    this.bucket = bucket;
    this.crowd = new Crowd(spawner);
    byte[] name = new byte[8];
    random.nextBytes(name);
    this.prefix = "probe/" + HexFormat.of().formatHex(name) + "/";
  }

  ProbeReport run() throws RefusedException, UnavailableException {
    try {
      contract();
    } finally {
      remove();
    }
    return new ProbeReport(findings);
  }

  /// Also whether the store looks at checksums, which `store` itself is asked for, as often as
  /// `retries` allows.
  ProbeReport run(S3Bucket store, RetryingBucket retries)
      throws RefusedException, UnavailableException {
    try {
      contract();
      checksums(store, retries);
    } finally {
      remove();
    }
    return new ProbeReport(findings);
  }

  private void contract() throws RefusedException, UnavailableException {
    try {
      readBack();
    } catch (RefusedException e) {
      if (!S3Failure.isNotImplemented(e)) {
        throw e;
      }
      add(
          "a put on a condition",
          false,
          Verdict.NEEDS_SINGLE_WRITER,
          "",
          "not implemented",
          "two servers could overwrite each other");
      return;
    }
    secondPut();
    race();
    ranges();
    listing();
    deletion();
  }

  private void readBack() throws RefusedException, UnavailableException {
    byte[] body = body(0);
    put("object", body);
    add(
        "an object is read back",
        Arrays.equals(whole("object"), body),
        Verdict.UNUSABLE,
        "as it was put",
        "something else",
        "what is stored cannot be trusted");
  }

  private void secondPut() throws RefusedException, UnavailableException {
    PutResult second = put("object", body(1));
    boolean kept = Arrays.equals(whole("object"), body(0));
    add(
        "the second put of a key",
        second == PutResult.EXISTS && kept,
        Verdict.NEEDS_SINGLE_WRITER,
        "refused",
        second == PutResult.CREATED ? "accepted" : "refused, and yet it changed the object",
        "the store ignores conditions: two servers could overwrite each other");
  }

  private void race() throws RefusedException, UnavailableException {
    int most = 0;
    boolean kept = true;
    for (int round = 0; round < ROUNDS; round++) {
      String key = "race-" + round;
      CyclicBarrier start = new CyclicBarrier(RACERS);
      List<Boolean> won =
          crowd.all(
              RACERS,
              i -> {
                awaitOthers(start);
                return put(key, body(i)) == PutResult.CREATED;
              });
      int winner = won.indexOf(true);
      most = Math.max(most, (int) won.stream().filter(each -> each).count());
      // No winner: the answer that told of it was lost, and the next attempt met its object.
      byte[] there = whole(key);
      kept &=
          winner >= 0
              ? Arrays.equals(there, body(winner))
              : IntStream.range(0, RACERS).anyMatch(i -> Arrays.equals(there, body(i)));
    }
    add(
        RACERS + " puts of a key at once",
        most <= 1 && kept,
        Verdict.NEEDS_SINGLE_WRITER,
        "one winner in each of " + ROUNDS + " rounds",
        most <= 1 ? "the winner's object was not there" : "up to " + most + " winners",
        "two servers could both believe that a segment is theirs");
  }

  private void ranges() throws RefusedException, UnavailableException {
    byte[] body = body(0);
    put("ranged", body);
    boolean good = true;
    int[][] cases = {
      {0, 1}, {10, 20}, {body.length - 5, 10}, {body.length, 5}, {1 << 20, 1}, {3, 0}
    };
    for (int[] each : cases) {
      Optional<Range> range = get("ranged", each[0], each[1]);
      int from = Math.min(each[0], body.length);
      byte[] expected = Arrays.copyOfRange(body, from, Math.min(body.length, from + each[1]));
      good &=
          range.isPresent()
              && range.get().objectLength() == body.length
              && Arrays.equals(range.get().bytes(), expected);
    }
    add(
        "ranges, also over the end",
        good,
        Verdict.UNUSABLE,
        "right",
        "wrong",
        "blocks are read by ranges");
  }

  private void listing() throws RefusedException, UnavailableException {
    List<String> expected =
        IntStream.range(0, LISTED).mapToObj(i -> prefix + "list/%05d".formatted(i)).toList();
    crowd.all(LISTED, i -> put("list/%05d".formatted(i), new byte[] {1}));
    List<String> listed = new ArrayList<>();
    boolean more = true;
    while (more && listed.size() <= LISTED) {
      Listing page =
          bucket.list(
              prefix + "list/", listed.isEmpty() ? "" : listed.getLast(), Bucket.MAX_LISTED);
      page.objects().forEach(object -> listed.add(object.key()));
      more = page.more() && !page.objects().isEmpty();
    }
    add(
        "a listing of " + LISTED + " keys",
        listed.equals(expected),
        Verdict.UNUSABLE,
        "complete and in order",
        listed.size() + " keys, or out of order",
        "the log could not be found again");
  }

  private void deletion() throws RefusedException, UnavailableException {
    bucket.delete(prefix + "object");
    boolean gone = get("object", 0, 1).isEmpty();
    PutResult put = put("object", body(2));
    // An answer that was lost makes the next attempt meet its own object.
    boolean again = put == PutResult.CREATED || Arrays.equals(whole("object"), body(2));
    add(
        "what was deleted",
        gone && again,
        Verdict.UNUSABLE,
        "absent",
        "still there, or its key is not free",
        "cleaning could not free room");
  }

  private void checksums(S3Bucket store, RetryingBucket retries)
      throws RefusedException, UnavailableException {
    String key = prefix + "damaged";
    put.add(key);
    boolean taken =
        retries.unread(
            new Layer.Request(Layer.Kind.PUT, key, body(0).length),
            () -> store.takesDamagedBody(key, List.of(ByteBuffer.wrap(body(0)))));
    add(
        "a body that does not fit its checksum",
        !taken,
        Verdict.REMARK,
        "refused",
        "accepted",
        "damage on the way to the store is found when it is read, not when it is put");
  }

  private void remove() throws RefusedException, UnavailableException {
    List<String> keys = List.copyOf(put).stream().distinct().toList();
    crowd.all(
        keys.size(),
        i -> {
          bucket.delete(keys.get(i));
          return true;
        });
  }

  private PutResult put(String name, byte[] body) throws RefusedException, UnavailableException {
    put.add(prefix + name);
    return bucket.putIfAbsent(prefix + name, List.of(ByteBuffer.wrap(body)));
  }

  private Optional<Range> get(String name, long offset, int length)
      throws RefusedException, UnavailableException {
    try {
      return bucket.get(prefix + name, offset, length);
    } catch (CorruptException _) {
      return Optional.empty();
    }
  }

  private byte[] whole(String name) throws RefusedException, UnavailableException {
    return get(name, 0, 1 << 20).map(Range::bytes).orElse(new byte[0]);
  }

  private static byte[] body(int which) {
    byte[] body = new byte[1000];
    for (int i = 0; i < body.length; i++) {
      body[i] = (byte) (i * 31 + which * 7 + (i >> 8));
    }
    return body;
  }

  private void add(
      String tried, boolean good, Verdict otherwise, String seen, String seenElse, String meaning) {
    findings.add(
        good
            ? new Finding(tried, Verdict.GOOD, seen, "")
            : new Finding(tried, otherwise, seenElse, meaning));
  }

  private static void awaitOthers(CyclicBarrier start) {
    try {
      start.await();
    } catch (InterruptedException | BrokenBarrierException e) {
      throw new IllegalStateException(e);
    }
  }
}
