package org.holdfast.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A restore from a bucket of which an object is lost: what the others hold comes back, what does
/// not is named, and the object too.
final class DamagedBucketTest {
  @TempDir Path home;
  private Program program;
  private Path segment;
  private byte[] good;

  /// Two files, each stored by a backup of its own; the segment of the first.
  @BeforeEach
  void backUp() throws Exception {
    program = new Program(home);
    program.run("init", "--service", "dir:" + home.resolve("bucket"), "--machine", "m").succeeds();
    file("a", 1);
    program.run("backup", "files").succeeds();
    segment = largestSegment();
    good = Files.readAllBytes(segment);
    file("b", 2);
    program.run("backup", "files").succeeds();
  }

  @Test
  void whatIsLostIsNamedAndTheRestComesBack() throws Exception {
    byte[] flipped = good.clone();
    flipped[good.length / 2] ^= 0x10;
    Files.write(segment, flipped);
    check("flipped", "is damaged");
    Files.write(segment, Arrays.copyOf(good, good.length / 2));
    check("cut", "is damaged");
    Files.delete(segment);
    check("missing", "is missing");
    Files.write(segment, good);
    program
        .run("restore", "latest:" + home + "/files", "--target", "missing", "--resume")
        .succeeds();
    assertThat(home.resolve("missing/a")).hasBinaryContent(content(1));
  }

  @Test
  void aDamagedHeaderIsToldAndCostsNothing() throws Exception {
    byte[] flipped = good.clone();
    flipped[100] ^= 1;
    Files.write(segment, flipped);
    Program.Outcome outcome =
        program.run("restore", "latest:" + home + "/files", "--target", "t").succeeds();
    assertThat(outcome.errors())
        .singleElement()
        .asString()
        .contains(key(), "damaged header", "restore the object from a copy of the bucket");
    assertThat(home.resolve("t/a")).hasBinaryContent(content(1));
    try (var cached = Files.walk(home.resolve(".cache"))) {
      cached.filter(Files::isRegularFile).forEach(file -> file.toFile().delete());
    }
    program
        .run("restore", "latest:" + home + "/files", "--target", "t2")
        .fails(1, key(), "restore the object from a copy of the bucket");
    assertThat(home.resolve("t2")).doesNotExist();
  }

  @Test
  void aBackupIsRefusedWhileAnObjectIsLost() throws Exception {
    Files.delete(segment);
    file("c", 3);
    program
        .run("backup", "files")
        .fails(1, "backups are stopped, restores go on", key(), "docs/operations.md");
    program.run("restore", "latest:" + home + "/files/b", "--target", "b").succeeds();
    Files.write(segment, good);
    assertThat(program.run("backup", "--json", "files").succeeds().last())
        .containsPattern("\"bucket_puts\":[1-9]");
    byte[] flipped = good.clone();
    flipped[good.length / 2] ^= 0x10;
    Files.write(segment, flipped);
    program.run("restore", "latest:" + home + "/files", "--target", "all");
    assertThat(program.run("backup", "--json", "files").succeeds().last())
        .contains("\"blocks_mended\":1", "\"blocks_lost\":0");
    program.run("restore", "latest:" + home + "/files", "--target", "mended").succeeds();
  }

  private void check(String target, String what) throws Exception {
    Program.Outcome outcome =
        program.run("restore", "latest:" + home + "/files", "--target", target);
    List<String> lines = outcome.errors();
    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(lines.stream().filter(line -> line.contains(key())))
        .singleElement()
        .asString()
        .startsWith("holdfast: object ")
        .contains(what, "restore the object from a copy of the bucket");
    assertThat(lines.stream().filter(line -> line.startsWith("not restored: ")))
        .singleElement()
        .asString()
        .contains(home + "/files/a: ");
    assertThat(lines.getLast()).contains("not complete (entries missing: 1)", "--resume");
    assertThat(home.resolve(target).resolve("a")).doesNotExist();
    assertThat(home.resolve(target).resolve("b")).hasBinaryContent(content(2));
  }

  private String key() {
    return home.resolve("bucket").relativize(segment).toString();
  }

  private void file(String name, int seed) throws Exception {
    Files.createDirectories(home.resolve("files"));
    Files.write(home.resolve("files").resolve(name), content(seed));
  }

  private static byte[] content(int seed) {
    byte[] content = new byte[1 << 20];
    new SplittableRandom(seed).nextBytes(content);
    return content;
  }

  private Path largestSegment() throws Exception {
    try (var files = Files.walk(home.resolve("bucket/log"))) {
      return files
          .filter(Files::isRegularFile)
          .max(Comparator.comparingLong(file -> file.toFile().length()))
          .orElseThrow();
    }
  }
}
