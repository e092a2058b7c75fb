package org.holdfast.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeChangeTest {
  private static final int LONG_LENGTH = 5 << 20;

  @TempDir private Path folder;

  private Path tree;
  private Path copy;

  @BeforeEach
  void make() throws IOException {
    tree = Files.createDirectory(folder.resolve("tree"));
    Random random = new Random(3);
    for (int i = 0; i < 200; i++) {
      byte[] bytes = new byte[100 + i];
      random.nextBytes(bytes);
      Files.write(tree.resolve("small%03d".formatted(i)), bytes);
    }
    byte[] bytes = new byte[LONG_LENGTH];
    random.nextBytes(bytes);
    Files.write(tree.resolve("long"), bytes);
    copy = DailyTree.copy(tree, folder.resolve("copy")).folder();
  }

  private long changed() throws IOException {
    long changed = 0;
    for (int i = 0; i < 200; i++) {
      String name = "small%03d".formatted(i);
      changed += Files.mismatch(tree.resolve(name), copy.resolve(name)) >= 0 ? 1 : 0;
    }
    return changed;
  }

  @Test
  void aHundredthIsAnotherUntilItIsClosed() throws Exception {
    try (TreeChange _ = TreeChange.of(tree)) {
      assertThat(changed()).isEqualTo(2);
      byte[] one = Files.readAllBytes(tree.resolve("long"));
      byte[] other = Files.readAllBytes(copy.resolve("long"));
      assertThat(one).hasSameSizeAs(other);
      int first = Arrays.mismatch(one, other);
      assertThat(first).isNotNegative();
      int end = first + LONG_LENGTH / 100;
      assertThat(Arrays.equals(one, end, LONG_LENGTH, other, end, LONG_LENGTH)).isTrue();
    }
    assertThatCode(() -> compareContents()).doesNotThrowAnyException();
  }

  private void compareContents() throws IOException {
    assertThat(changed()).isZero();
    assertThat(Files.mismatch(tree.resolve("long"), copy.resolve("long"))).isEqualTo(-1);
  }
}
