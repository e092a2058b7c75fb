package org.holdfast.bucket;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.holdfast.core.CorruptException;
import org.holdfast.core.InvariantException;
import org.junit.jupiter.api.Test;

/// What [Bucket] promises, tested. Every home's test extends this.
public abstract class BucketContract {
  /// The bucket under test: empty, and the same for all of one test.
  protected abstract Bucket bucket();

  /// A body of one buffer.
  public static List<ByteBuffer> body(String text) {
    return body(text.getBytes(US_ASCII));
  }

  /// A body of one buffer.
  public static List<ByteBuffer> body(byte[] bytes) {
    return List.of(ByteBuffer.wrap(bytes));
  }

  @Test
  void whatWasPutIsRead() throws Exception {
    assertThat(bucket().putIfAbsent("a/b/c", body("hello"))).isEqualTo(PutResult.CREATED);
    assertThat(text("a/b/c")).isEqualTo("hello");
  }

  @Test
  void whatWasNotPutIsAbsent() throws Exception {
    bucket().putIfAbsent("folder/object", body("x"));
    for (String key : List.of("none", "none/none", "folder", "folder/objec", "folder/object/x")) {
      assertThat(bucket().get(key, 0, 10)).as(key).isEmpty();
      assertThat(bucket().get(key, 0, 0)).as(key).isEmpty();
      assertThat(bucket().getWhole(key, 10)).as(key).isEmpty();
    }
  }

  @Test
  void aRangeEndsWithTheObject() throws Exception {
    bucket().putIfAbsent("k", body("0123456789"));
    assertRange(0, 4, "0123");
    assertRange(3, 4, "3456");
    assertRange(8, 4, "89");
    assertRange(9, 1, "9");
    assertRange(10, 4, "");
    assertRange(11, 4, "");
    assertRange(1L << 40, Bucket.MAX_OBJECT_LENGTH, "");
    assertRange(0, Bucket.MAX_OBJECT_LENGTH, "0123456789");
    assertRange(5, 0, "");
  }

  @Test
  void anObjectMayBeEmpty() throws Exception {
    assertThat(bucket().putIfAbsent("no-buffers", List.of())).isEqualTo(PutResult.CREATED);
    assertThat(bucket().putIfAbsent("empty-buffers", body(""))).isEqualTo(PutResult.CREATED);
    assertThat(bucket().putIfAbsent("no-buffers", body("x"))).isEqualTo(PutResult.EXISTS);
    for (String key : List.of("no-buffers", "empty-buffers")) {
      assertThat(bucket().get(key, 0, 5).orElseThrow().objectLength()).isZero();
      assertThat(bucket().getWhole(key, 0).orElseThrow()).isEmpty();
    }
  }

  @Test
  void aWholeObjectLongerThanExpectedIsCorrupt() throws Exception {
    bucket().putIfAbsent("k", body("12345"));
    assertThat(bucket().getWhole("k", 5).orElseThrow()).hasSize(5);
    assertThatThrownBy(() -> bucket().getWhole("k", 4)).isInstanceOf(CorruptException.class);
  }

  @Test
  void aBodyIsGatheredFromWhatRemainsInEachBuffer() throws Exception {
    Random random = new Random(1);
    byte[] bytes = new byte[5_000_000];
    random.nextBytes(bytes);
    List<ByteBuffer> body = new ArrayList<>();
    for (int at = 0; at < bytes.length; ) {
      int length = Math.min(random.nextInt(20) == 0 ? 1_500_000 : 700, bytes.length - at);
      ByteBuffer buffer =
          at % 2 == 0 ? ByteBuffer.allocateDirect(length + 8) : ByteBuffer.allocate(length + 8);
      buffer.put(new byte[3]).put(bytes, at, length).flip().position(3);
      body.add(random.nextBoolean() ? buffer.asReadOnlyBuffer() : buffer);
      body.add(ByteBuffer.allocate(0));
      at += length;
    }
    assertThat(bucket().putIfAbsent("gathered", body)).isEqualTo(PutResult.CREATED);
    assertThat(bucket().getWhole("gathered", bytes.length).orElseThrow()).isEqualTo(bytes);
    assertThat(body.getFirst().position()).isEqualTo(3);
    assertThat(bucket().putIfAbsent("again", body)).isEqualTo(PutResult.CREATED);
    assertThat(bucket().getWhole("again", bytes.length).orElseThrow()).isEqualTo(bytes);
  }

  @Test
  void aSecondPutKeepsTheFirstContent() throws Exception {
    assertThat(bucket().putIfAbsent("k/1", body("first"))).isEqualTo(PutResult.CREATED);
    assertThat(bucket().putIfAbsent("k/1", body("second, longer"))).isEqualTo(PutResult.EXISTS);
    assertThat(bucket().putIfAbsent("k/1", body("first"))).isEqualTo(PutResult.EXISTS);
    assertThat(text("k/1")).isEqualTo("first");
  }

  @Test
  void deletingIsIdempotentAndFreesTheKey() throws Exception {
    bucket().delete("never/was");
    bucket().putIfAbsent("d/1", body("one"));
    bucket().putIfAbsent("d/2", body("two"));
    bucket().delete("d");
    bucket().delete("d/1");
    bucket().delete("d/1");
    assertThat(bucket().get("d/1", 0, 1)).isEmpty();
    assertThat(text("d/2")).isEqualTo("two");
    assertThat(bucket().putIfAbsent("d/1", body("again"))).isEqualTo(PutResult.CREATED);
    assertThat(text("d/1")).isEqualTo("again");
  }

  @Test
  void deletingBelowAnObjectLeavesIt() throws Exception {
    bucket().putIfAbsent("d", body("one"));
    bucket().delete("d/1");
    assertThat(text("d")).isEqualTo("one");
  }

  @Test
  void pagesListEveryKeyInOrder() throws Exception {
    List<String> keys = manyKeys();
    for (String key : shuffled(keys)) {
      bucket().putIfAbsent(key, body(key));
    }
    for (int limit : new int[] {7, 333, 1000}) {
      assertThat(listed("", "", limit)).as("by %s", limit).isEqualTo(keys);
    }
    Listing page = bucket().list("", keys.get(10), 2);
    assertThat(page.more()).isTrue();
    assertThat(page.objects())
        .containsExactly(
            new ListedObject(keys.get(11), keys.get(11).length()),
            new ListedObject(keys.get(12), keys.get(12).length()));
  }

  @Test
  void aPrefixAndAStartMayEndAnywhere() throws Exception {
    List<String> keys =
        List.of("a-b", "a.c/d", "a/b", "a/b-c", "a/bc/d", "a/c", "a0", "ab/x", "ab/y", "b");
    for (String key : keys) {
      bucket().putIfAbsent(key, body(key));
    }
    List<String> cuts =
        keys.stream()
            .flatMap(key ->
                Stream.iterate(0, i -> i + 1).limit(key.length() + 1).map(i -> key.substring(0, i)))
            .distinct()
            .toList();
    for (String prefix : Stream.concat(cuts.stream(), Stream.of("a/b/", "zz", "b/")).toList()) {
      for (String start : Stream.concat(cuts.stream(), Stream.of("a-", "a_", "zz")).toList()) {
        List<String> expected =
            keys.stream().filter(k -> k.startsWith(prefix) && k.compareTo(start) > 0).toList();
        for (int limit = 1; limit <= 3; limit++) {
          assertThat(listed(prefix, start, limit))
              .as("'%s' '%s'", prefix, start)
              .isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void aPageThatIsExactlyFullHasNoMore() throws Exception {
    bucket().putIfAbsent("p/1", body("1"));
    bucket().putIfAbsent("p/2", body("2"));
    bucket().putIfAbsent("q/1", body("3"));
    assertThat(bucket().list("p/", "", 2).more()).isFalse();
    assertThat(bucket().list("p/", "", 1).more()).isTrue();
    assertThat(bucket().list("", "p/2", 1).more()).isFalse();
    assertThat(bucket().list("", "q/1", 1)).isEqualTo(new Listing(List.of(), false));
  }

  @Test
  void aDeletedObjectIsNotListed() throws Exception {
    bucket().putIfAbsent("l/1", body("1"));
    bucket().putIfAbsent("m/1", body("1"));
    bucket().delete("l/1");
    assertThat(listed("", "", 1)).containsExactly("m/1");
  }

  @Test
  void aRaceOfSixteenHasOneWinner() throws Exception {
    int rounds = 30;
    int racers = 16;
    CyclicBarrier start = new CyclicBarrier(racers);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 0; round < rounds; round++) {
        String key = "race/" + round % 3 + "/" + round;
        List<Future<PutResult>> results = new ArrayList<>();
        for (int racer = 0; racer < racers; racer++) {
          String content = "racer " + racer + " of round " + round;
          Callable<PutResult> run =
              () -> {
                start.await();
                return bucket().putIfAbsent(key, body(content));
              };
          results.add(threads.submit(run));
        }
        List<Integer> winners = new ArrayList<>();
        for (int racer = 0; racer < racers; racer++) {
          if (results.get(racer).get() == PutResult.CREATED) {
            winners.add(racer);
          }
        }
        assertThat(winners).as("winners of round %s", round).hasSize(1);
        assertThat(text(key)).isEqualTo("racer " + winners.getFirst() + " of round " + round);
      }
    }
  }

  @Test
  void aKeyThatBreaksTheRulesStopsTheCaller() {
    List<String> bad =
        List.of(
            "",
            "/",
            "/a",
            "a/",
            "a//b",
            ".",
            "..",
            "../a",
            "a/../b",
            "a/./b",
            "a/..",
            ".tmp/x",
            "a/.b",
            "A",
            "a b",
            "a\\b",
            "a\u0000",
            "a\n",
            "\u00e4",
            "a:b",
            "a".repeat(201));
    for (String key : bad) {
      assertThatThrownBy(() -> bucket().get(key, 0, 1))
          .as("get '%s'", key)
          .isInstanceOf(InvariantException.class);
      assertThatThrownBy(() -> bucket().putIfAbsent(key, body("x")))
          .as("put '%s'", key)
          .isInstanceOf(InvariantException.class);
      assertThatThrownBy(() -> bucket().delete(key))
          .as("delete '%s'", key)
          .isInstanceOf(InvariantException.class);
    }
  }

  @Test
  void everyKeyThatKeepsTheRulesIsTaken() throws Exception {
    List<String> good =
        List.of("a".repeat(200), "a/".repeat(99) + "zz", "-", "_", "0..9", "a./b_-");
    for (String key : good) {
      assertThat(bucket().putIfAbsent(key, body("x"))).as(key).isEqualTo(PutResult.CREATED);
      assertThat(text(key)).as(key).isEqualTo("x");
    }
    assertThat(listed("", "", 2)).isEqualTo(good.stream().sorted().toList());
  }

  @Test
  void limitsStopTheCaller() throws Exception {
    bucket().putIfAbsent("k", body("x"));
    ByteBuffer half = ByteBuffer.allocate(Bucket.MAX_OBJECT_LENGTH / 2);
    List<ByteBuffer> tooLong = List.of(half, half.duplicate(), ByteBuffer.allocate(1));
    for (Callable<?> call :
        List.<Callable<?>>of(
            () -> bucket().putIfAbsent("l", tooLong),
            () -> bucket().get("k", -1, 1),
            () -> bucket().get("k", 0, -1),
            () -> bucket().get("k", 0, Bucket.MAX_OBJECT_LENGTH + 1),
            () -> bucket().list("", "", 0),
            () -> bucket().list("", "", Bucket.MAX_LISTED + 1),
            () -> bucket().list("../", "", 1),
            () -> bucket().list("a//", "", 1),
            () -> bucket().list("", "/", 1))) {
      assertThatThrownBy(call::call).isInstanceOf(InvariantException.class);
    }
    assertThat(bucket().get("l", 0, 1)).isEmpty();
  }

  /// The content of an object that is there.
  protected final String text(String key) throws Exception {
    return new String(bucket().getWhole(key, 1000).orElseThrow(), US_ASCII);
  }

  /// All keys, page by page.
  protected final List<String> listed(String prefix, String startAfter, int limit)
      throws Exception {
    List<String> keys = new ArrayList<>();
    Listing page = bucket().list(prefix, startAfter, limit);
    while (true) {
      assertThat(page.objects()).hasSizeLessThanOrEqualTo(limit);
      page.objects().forEach(each -> keys.add(each.key()));
      if (!page.more()) {
        return keys;
      }
      assertThat(page.objects()).hasSize(limit);
      page = bucket().list(prefix, keys.getLast(), limit);
    }
  }

  private void assertRange(long offset, int length, String expected) throws Exception {
    Range range = bucket().get("k", offset, length).orElseThrow();
    assertThat(new String(range.bytes(), US_ASCII)).isEqualTo(expected);
    assertThat(range.objectLength()).isEqualTo(10);
  }

  /// More than a page of keys, among them every sibling that sorts around a folder's slash.
  private static List<String> manyKeys() {
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      keys.add("log/%02x/%04d".formatted(i * 37 % 16, i));
    }
    for (String folder : List.of("f", "f-", "f.", "f-g", "f-.", "f.-x", "f0", "ff", "f_")) {
      for (String name : List.of("a", "a-", "a.", "a0", "b/a", "b-/a", "b./a", "b0/a", "b-c/a")) {
        keys.add(folder + "/" + name);
      }
    }
    keys.addAll(List.of("f-.g", "f-a", "f.g", "f--", "f0g", "e", "g"));
    Collections.sort(keys);
    return keys;
  }

  private static List<String> shuffled(List<String> keys) {
    List<String> shuffled = new ArrayList<>(keys);
    Collections.shuffle(shuffled, new Random(2));
    return shuffled;
  }
}
