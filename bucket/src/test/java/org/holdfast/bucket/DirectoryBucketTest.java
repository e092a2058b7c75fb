package org.holdfast.bucket;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.BufferedReader;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.holdfast.core.Clock;
import org.holdfast.core.RefusedException;
import org.holdfast.core.SystemClock;
import org.holdfast.core.UnavailableException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DirectoryBucketTest extends BucketContract {
  @TempDir private Path temporary;
  private Path root;
  private Bucket bucket;

  @BeforeEach
  void create() throws Exception {
    root = temporary.resolve("a/bucket");
    bucket = openOrCreate(root);
  }

  @Override
  protected Bucket bucket() {
    return bucket;
  }

  @Test
  void anObjectIsAFileOfItsKey() throws Exception {
    bucket.putIfAbsent("ab/cd", body("content"));
    assertThat(Files.readString(root.resolve("ab/cd"))).isEqualTo("content");
    assertThat(leftovers()).isEmpty();
  }

  @Test
  void aPutLeavesNoTemporaryFileHoweverItEnds() throws Exception {
    bucket.putIfAbsent("a/b", body("x"));
    bucket.putIfAbsent("a/b", body("x"));
    assertThatThrownBy(() -> bucket.putIfAbsent("a", body("x")))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("folder");
    assertThatThrownBy(() -> bucket.putIfAbsent("a/b/c/d", body("x")))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("folder");
    assertThat(leftovers()).isEmpty();
    assertThat(text("a/b")).isEqualTo("x");
  }

  @Test
  void whatIsNoObjectIsNotListed() throws Exception {
    Files.createDirectory(root.resolve("lost+found"));
    Files.createDirectories(root.resolve("empty/folder"));
    Files.writeString(root.resolve("README.TXT"), "x");
    Files.createSymbolicLink(root.resolve("dangling"), Path.of("nowhere"));
    bucket.putIfAbsent("k", body("x"));
    assertThat(listed("", "", 10)).containsExactly("k");
  }

  @Test
  void anotherProcessRacesAndThereIsOneWinner() throws Exception {
    List<Racer> racers = new ArrayList<>();
    try {
      for (int i = 0; i < 2; i++) {
        racers.add(new Racer(ChildWriter.start("race", root.toString(), "racer" + i)));
      }
      List<Integer> wins = new ArrayList<>(List.of(0, 0));
      for (int round = 0; round < 150; round++) {
        String key = "race/" + round % 5 + "/" + round;
        racers.forEach(each -> each.out.println(key));
        List<String> results = List.of(racers.get(0).in.readLine(), racers.get(1).in.readLine());
        assertThat(results).containsExactlyInAnyOrder("CREATED", "EXISTS");
        int winner = results.indexOf("CREATED");
        assertThat(text(key)).isEqualTo("racer" + winner);
        wins.set(winner, wins.get(winner) + 1);
      }
      assertThat(wins).as("each process wins some rounds").doesNotContain(0);
    } finally {
      for (Racer each : racers) {
        each.process.destroyForcibly().waitFor();
      }
    }
  }

  @Test
  void aWriterShowsOnlyWholeObjectsUntilItIsKilledAndAfter() throws Exception {
    Process child = ChildWriter.start("die", root.toString(), "40");
    int[] next = new int[4];
    while (child.isAlive()) {
      for (int i = 0; i < next.length; i++) {
        Optional<Range> seen = bucket.get("thread" + i + "/" + next[i], 0, 0);
        if (seen.isPresent()) {
          assertThat(seen.get().objectLength()).isEqualTo(ChildWriter.LENGTH);
          next[i]++;
        }
      }
    }
    List<String> acknowledged = new ArrayList<>();
    try (BufferedReader in = child.inputReader(US_ASCII)) {
      in.lines().filter(line -> line.matches("thread[0-3]/[0-9]+")).forEach(acknowledged::add);
    }
    assertThat(child.waitFor()).isEqualTo(9);
    assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(37);
    List<String> visible = listed("", "", 1000);
    assertThat(visible).containsAll(acknowledged);
    for (String key : visible) {
      assertThat(bucket.getWhole(key, ChildWriter.LENGTH).orElseThrow())
          .isEqualTo(ChildWriter.content(key));
    }
  }

  @Test
  void openingRemovesOldTemporaryFilesOnly() throws Exception {
    Path old = Files.writeString(root.resolve(".tmp/left-by-a-crash"), "half");
    Path recent = Files.writeString(root.resolve(".tmp/being-written"), "half");
    long nowMillis = 1_800_000_000_000L;
    Files.setLastModifiedTime(
        old, FileTime.fromMillis(nowMillis - TemporaryFiles.MAX_AGE_MILLIS - 1));
    Files.setLastModifiedTime(
        recent, FileTime.fromMillis(nowMillis - TemporaryFiles.MAX_AGE_MILLIS));
    DirectoryBucket.open(root, new StoppedClock(nowMillis), new SecureRandom());
    assertThat(leftovers()).containsExactly(recent);
  }

  @Test
  void aBucketThatWentAwayIsUnavailableAndNotEmpty() throws Exception {
    bucket.putIfAbsent("a/b", body("x"));
    Files.move(root, temporary.resolve("unmounted"));
    Files.createDirectory(root);
    assertUnavailable(() -> bucket.get("a/b", 0, 1));
    assertUnavailable(() -> bucket.putIfAbsent("a/c", body("x")));
    assertUnavailable(() -> bucket.delete("a/b"));
    assertUnavailable(() -> bucket.list("", "", 1));
    assertThat(root).isEmptyDirectory();
    Files.delete(root);
    Files.move(temporary.resolve("unmounted"), root);
    assertThat(text("a/b")).isEqualTo("x");
  }

  @Test
  void aFolderThatSomebodyRemovedIsMadeAgainByARetry() throws Exception {
    bucket.putIfAbsent("a/b/c", body("x"));
    Files.delete(root.resolve("a/b/c"));
    Files.delete(root.resolve("a/b"));
    Files.delete(root.resolve("a"));
    assertUnavailable(() -> bucket.putIfAbsent("a/b/c", body("x")));
    assertThat(bucket.putIfAbsent("a/b/c", body("x"))).isEqualTo(PutResult.CREATED);
  }

  @Test
  void onlyABucketIsOpened() throws Exception {
    Path file = Files.writeString(temporary.resolve("file"), "x");
    Path empty = Files.createDirectory(temporary.resolve("empty"));
    assertRefused(() -> open(temporary.resolve("none")), "is its disk mounted?");
    assertRefused(() -> open(file), "is not a folder");
    assertRefused(() -> open(empty), "is not a bucket");
    assertRefused(() -> openOrCreate(file), "is a file");
    assertRefused(() -> openOrCreate(file.resolve("below")), "is a file");
    assertThat(empty).isEmptyDirectory();
    bucket.putIfAbsent("k", body("x"));
    assertThat(open(root).get("k", 0, 1)).isPresent();
    assertThat(openOrCreate(root).get("k", 0, 1)).isPresent();
  }

  @Test
  void aFolderWithoutPermissionIsRefused() throws Exception {
    assumeThat(System.getProperty("user.name")).as("root may write anywhere").isNotEqualTo("root");
    bucket.putIfAbsent("a/b", body("x"));
    Files.setPosixFilePermissions(root.resolve("a"), PosixFilePermissions.fromString("r-x------"));
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("r-x------"));
    try {
      assertRefused(() -> open(root), "no permission");
      assertRefused(() -> openOrCreate(root.resolve("new")), "no permission");
      assertRefused(() -> bucket.putIfAbsent("c", body("x")), "not writable");
      assertRefused(() -> bucket.putIfAbsent("a/c", body("x")), "not writable");
      assertRefused(() -> bucket.delete("a/b"), "no permission");
      assertThat(leftovers()).isEmpty();
    } finally {
      Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
      Files.setPosixFilePermissions(
          root.resolve("a"), PosixFilePermissions.fromString("rwx------"));
    }
  }

  private static Bucket open(Path path) throws Exception {
    return DirectoryBucket.open(path, new SystemClock(), new SecureRandom());
  }

  private static Bucket openOrCreate(Path path) throws Exception {
    return DirectoryBucket.openOrCreate(path, new SystemClock(), new SecureRandom());
  }

  private List<Path> leftovers() throws Exception {
    try (var files = Files.list(root.resolve(".tmp"))) {
      return files.toList();
    }
  }

  private static void assertRefused(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(RefusedException.class).hasMessageContaining(message);
  }

  private static void assertUnavailable(ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(UnavailableException.class);
  }

  private static final class Racer {
    private final Process process;
    private final PrintWriter out;
    private final BufferedReader in;

    Racer(Process process) {
      this.process = process;
      this.out = new PrintWriter(process.outputWriter(US_ASCII), true);
      this.in = process.inputReader(US_ASCII);
    }
  }

  private record StoppedClock(long wallMillis) implements Clock {
    @Override
    public long nanos() {
      return 0;
    }

    @Override
    public void sleepMillis(long millis) {}
  }
}
