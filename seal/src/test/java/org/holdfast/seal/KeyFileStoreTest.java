package org.holdfast.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KeyFileStoreTest {
  @TempDir private Path folder;

  private final KeyFileStore store = new KeyFileStore(new TestRandom(1));

  @Test
  void createsForTheOwnerAloneAndLeavesNothingElse() throws Exception {
    Path path = folder.resolve("key");
    store.create(path, new byte[] {1, 2});
    assertThat(store.read(path)).containsExactly(1, 2);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-------");
    assertThat(names()).containsExactly("key");
  }

  @Test
  void neverOverwritesAKeyFile() throws Exception {
    Path path = folder.resolve("key");
    store.create(path, new byte[] {1});
    assertThatThrownBy(() -> store.create(path, new byte[] {2}))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("already");
    Path dangling = folder.resolve("link");
    Files.createSymbolicLink(dangling, folder.resolve("nowhere"));
    assertThatThrownBy(() -> store.create(dangling, new byte[] {2}))
        .isInstanceOf(RefusedException.class);
    assertThat(store.read(path)).containsExactly(1);
    assertThat(names()).containsExactlyInAnyOrder("key", "link");
  }

  /// Each of them may have seen that the name is free; the last step decides.
  @Test
  void ofManyAtOnceOneWins() throws Exception {
    for (int round = 0; round < 40; round++) {
      Path path = folder.resolve("key" + round);
      CyclicBarrier start = new CyclicBarrier(8);
      AtomicInteger winners = new AtomicInteger();
      AtomicInteger winner = new AtomicInteger();
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int t = 0; t < 8; t++) {
          byte number = (byte) t;
          threads.submit(() -> {
            start.await();
            store.create(path, new byte[] {number});
            winners.incrementAndGet();
            winner.set(number);
            return null;
          });
        }
      }
      assertThat(winners).hasValue(1);
      assertThat(store.read(path)).containsExactly(winner.get());
    }
  }

  @Test
  void replacesWhenAskedTo() throws Exception {
    Path path = folder.resolve("key");
    store.create(path, new byte[] {1});
    store.replace(path, new byte[] {2});
    assertThat(store.read(path)).containsExactly(2);
    assertThat(names()).containsExactly("key");
  }

  @Test
  void saysWhatIsMissing() {
    assertThatThrownBy(() -> store.read(folder.resolve("key")))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("no key file at");
    assertThatThrownBy(() -> store.create(folder.resolve("no/key"), new byte[1]))
        .isInstanceOf(UnavailableException.class);
  }

  private java.util.List<String> names() throws Exception {
    try (var files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).toList();
    }
  }
}
