package org.holdfast.client.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.holdfast.client.tree.TemporaryFolder.bytes;

import java.io.ByteArrayOutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class PosixFileTest {
  private static final byte[] NAME = bytes("file");

  private TemporaryFolder folder;
  private Path path;
  private PosixTree tree;

  @BeforeEach
  void create() throws Exception {
    folder = new TemporaryFolder();
    path = folder.path("file");
    tree = PosixTree.open(folder.bytes());
  }

  @AfterEach
  void delete() throws Exception {
    tree.close();
    folder.close();
  }

  @Test
  void contentIsReadAsItIs() throws Exception {
    Random random = new Random(3);
    for (int size : new int[] {0, 1, 4095, 65536, 300_000, 2_000_001}) {
      byte[] content = new byte[size];
      random.nextBytes(content);
      Files.write(path, content);
      try (SourceFile file = tree.open(NAME, tree.status(NAME))) {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        byte[] buffer = new byte[100_003];
        int length = file.read(buffer, 3, 100_000);
        while (length >= 0) {
          read.write(buffer, 3, length);
          length = file.read(buffer, 3, 100_000);
        }
        assertThat(read.toByteArray()).isEqualTo(content);
        assertThat(file.position()).isEqualTo(size);
        assertThat(file.status().differsInContentFrom(file.opened())).isFalse();
      }
    }
  }

  @Test
  void holesAreNotRead() throws Exception {
    long tebibyte = 1L << 40;
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.seek(1 << 20);
      file.write(7);
      file.seek(tebibyte / 2);
      file.write(8);
      file.setLength(tebibyte);
    }
    List<String> runs = new ArrayList<>();
    try (SourceFile file = tree.open(NAME, tree.status(NAME))) {
      assertThat(file.opened().size()).isEqualTo(tebibyte);
      assertThat(file.opened().allocated()).isLessThan(1 << 20);
      byte[] buffer = new byte[1 << 20];
      while (true) {
        long hole = file.skipHole();
        if (hole > 0) {
          runs.add("hole to " + file.position());
        }
        int read = file.read(buffer, 0, buffer.length);
        if (read < 0) {
          break;
        }
        runs.add("data " + buffer[0]);
      }
      assertThat(file.position()).isEqualTo(tebibyte);
    }
    assertThat(runs)
        .containsExactly(
            "hole to " + (1 << 20),
            "data 7",
            "hole to " + tebibyte / 2,
            "data 8",
            "hole to " + tebibyte);
  }

  @Test
  void aFileThatShrinksEndsEarly() throws Exception {
    Files.write(path, new byte[1 << 20]);
    try (SourceFile file = tree.open(NAME, tree.status(NAME))) {
      byte[] buffer = new byte[1 << 20];
      assertThat(file.read(buffer, 0, 1000)).isEqualTo(1000);
      try (RandomAccessFile cut = new RandomAccessFile(path.toFile(), "rw")) {
        cut.setLength(5000);
      }
      assertThat(file.read(buffer, 0, buffer.length)).isEqualTo(4000);
      assertThat(file.read(buffer, 0, buffer.length)).isEqualTo(-1);
      assertThat(file.position()).isEqualTo(5000);
      assertThat(file.status().size()).isEqualTo(5000);
      assertThat(file.status().differsInContentFrom(file.opened())).isTrue();
    }
  }

  @Test
  void aSparseFileThatShrinksEndsEarly() throws Exception {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(1 << 30);
    }
    try (SourceFile file = tree.open(NAME, tree.status(NAME))) {
      try (RandomAccessFile cut = new RandomAccessFile(path.toFile(), "rw")) {
        cut.setLength(5000);
      }
      assertThat(file.skipHole()).isEqualTo(5000);
      assertThat(file.read(new byte[10], 0, 10)).isEqualTo(-1);
    }
  }

  @Test
  void aFileThatGrowsIsReadToTheSizeItHad() throws Exception {
    Files.write(path, new byte[100]);
    try (SourceFile file = tree.open(NAME, tree.status(NAME))) {
      Files.write(path, new byte[50], StandardOpenOption.APPEND);
      byte[] buffer = new byte[1000];
      assertThat(file.read(buffer, 0, 1000)).isEqualTo(100);
      assertThat(file.read(buffer, 0, 1000)).isEqualTo(-1);
      assertThat(file.status().size()).isEqualTo(150);
      assertThat(file.status().differsInContentFrom(file.opened())).isTrue();
    }
  }

  @Test
  void aFileThatVanishesWhileItIsReadIsReadToItsEnd() throws Exception {
    Files.write(path, new byte[100]);
    try (SourceFile file = tree.open(NAME, tree.status(NAME))) {
      Files.delete(path);
      assertThat(file.read(new byte[1000], 0, 1000)).isEqualTo(100);
      assertThat(file.status().links()).isZero();
    }
  }

  @Test
  void aFileThatWasReplacedIsNotOpened() throws Exception {
    Files.writeString(path, "old");
    FileStatus seen = tree.status(NAME);
    long before = folder.openFiles();
    Files.writeString(folder.path("new"), "new");
    Files.move(folder.path("new"), path, StandardCopyOption.ATOMIC_MOVE);
    assertVanished(seen);
    Files.delete(path);
    assertVanished(seen);
    Files.createSymbolicLink(path, Path.of("/etc/passwd"));
    assertVanished(seen);
    Files.delete(path);
    assertThat(TemporaryFolder.run("mkfifo", path.toString())).isTrue();
    assertVanished(seen);
    assertThat(folder.openFiles()).isEqualTo(before);
  }

  @Test
  void readingLeavesTheTimeOfLastAccess() throws Exception {
    Files.writeString(path, "content");
    FileTime old = FileTime.fromMillis(1_000_000);
    Files.setAttribute(path, "lastAccessTime", old);
    try (SourceFile file = tree.open(NAME, tree.status(NAME))) {
      assertThat(file.read(new byte[10], 0, 10)).isEqualTo(7);
    }
    assertThat(Files.getAttribute(path, "lastAccessTime")).isEqualTo(old);
  }

  private void assertVanished(FileStatus seen) {
    assertThatThrownBy(() -> tree.open(NAME, seen))
        .isInstanceOfSatisfying(
            FileAccessException.class,
            thrown -> assertThat(thrown.isVanished()).as(thrown.getMessage()).isTrue());
  }
}
