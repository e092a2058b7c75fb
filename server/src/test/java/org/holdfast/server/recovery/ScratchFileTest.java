package org.holdfast.server.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ScratchFileTest {
  @TempDir Path folder;

  /// Whole blocks are written, and what lies before and behind them stays what it was.
  @Test
  void whatWasAppendedIsReadWhereverItBegins() throws Exception {
    for (int seed = 0; seed < 10; seed++) {
      Random random = new Random(seed);
      Path path = folder.resolve("file-" + seed);
      byte[] expected = new byte[0];
      ScratchFile file = ScratchFile.open(path, Spawner.virtual());
      for (int step = 0; step < 60; step++) {
        switch (random.nextInt(8)) {
          case 0 -> file.flush();
          case 1 -> {
            int to = random.nextInt(expected.length + 1);
            file.cut(to);
            expected = Arrays.copyOf(expected, to);
          }
          case 2 -> {
            file.flush();
            file.close();
            file = ScratchFile.open(path, Spawner.virtual());
            // Only whoever has written knows where it ends.
            assertThat(file.length()).isGreaterThanOrEqualTo(expected.length);
            file.cut(expected.length);
          }
          default -> {
            byte[] more = new byte[random.nextInt(random.nextBoolean() ? 100 : 700_000)];
            random.nextBytes(more);
            file.append(more, 0, more.length);
            int before = expected.length;
            expected = Arrays.copyOf(expected, before + more.length);
            System.arraycopy(more, 0, expected, before, more.length);
          }
        }
        assertThat(file.length()).isEqualTo(expected.length);
      }
      file.flush();
      assertThat(file.read(0, expected.length)).isEqualTo(expected);
      for (int i = 0; i < 20; i++) {
        int from = random.nextInt(expected.length + 1);
        int to = random.nextInt(from, expected.length + 1);
        assertThat(file.read(from, to - from)).isEqualTo(Arrays.copyOfRange(expected, from, to));
      }
      file.close();
    }
  }

  /// Somebody else, or a disk, has made it shorter.
  @Test
  void fileThatIsShorterThanItWasIsNotReadBeyondItsEnd() throws Exception {
    Path path = folder.resolve("file");
    try (ScratchFile file = ScratchFile.open(path, Spawner.virtual())) {
      file.append(new byte[100_000], 0, 100_000);
      file.flush();
      Files.write(path, new byte[50_001]);
      assertThat(file.read(0, 50_001)).containsOnly(0);
      assertThatThrownBy(() -> file.read(40_000, 10_002))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining(path.toString());
    }
  }

  @Test
  void whatTheDiskRefusesIsToldByTheNextWhoWrites() throws Exception {
    try (ScratchFile file = ScratchFile.open(Path.of("/dev/full"), Spawner.virtual())) {
      byte[] much = new byte[3 << 20];
      assertThatThrownBy(() -> file.append(much, 0, much.length))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContainingAll("/dev/full", "No space left");
    }
  }

  /// It is written while others work, and here not before somebody waits for it.
  @Test
  @Timeout(60)
  void whoFlushesWaitsForWhatIsOnItsWay() throws Exception {
    Thread taker = Thread.currentThread();
    AtomicBoolean isFlushed = new AtomicBoolean();
    Spawner late =
        (name, task) ->
            Spawner.virtual()
                .spawn(
                    name,
                    () -> {
                      while (taker.getState() != Thread.State.WAITING && !isFlushed.get()) {
                        Thread.onSpinWait();
                      }
                      task.run();
                    });
    byte[] much = new byte[3 << 19];
    Arrays.fill(much, (byte) 7);
    try (ScratchFile file = ScratchFile.open(folder.resolve("late"), late)) {
      file.append(much, 0, much.length);
      file.flush();
      assertThat(file.read(0, much.length)).isEqualTo(much);
    } finally {
      isFlushed.set(true);
    }
  }
}
