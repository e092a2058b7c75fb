package org.holdfast.server.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
  private static final int LENGTH_MAX = 1000;

  @TempDir Path folder;

  private Path file() {
    return folder.resolve("state").resolve("lines");
  }

  private Journal journal() {
    return new Journal(file(), LENGTH_MAX);
  }

  @Test
  void theFileStaysShortAndTheNewestLinesStay() throws Exception {
    assertThat(journal().lines()).isEmpty();
    for (int i = 0; i < 500; i++) {
      journal().add("line " + i);
      assertThat(Files.size(file())).isLessThanOrEqualTo(LENGTH_MAX);
    }
    List<String> lines = journal().lines();
    assertThat(lines).hasSizeGreaterThan(30).endsWith("line 498", "line 499");
    assertThat(lines).allMatch(line -> line.matches("line \\d+"));
  }

  @Test
  void whatACrashHasLeftOfALineIsALineOfItsOwn() throws Exception {
    journal().add("one");
    Files.writeString(file(), "tw", StandardOpenOption.APPEND);
    journal().add("three");
    assertThat(journal().lines()).containsExactly("one", "tw", "three");
  }

  @Test
  void aLineStaysALine() throws Exception {
    Journal journal = new Journal(file(), 10 * LENGTH_MAX);
    journal.add("one\ntwo\r" + "x".repeat(5000));
    assertThat(journal.lines()).singleElement().asString().startsWith("one two x").hasSize(1024);
  }

  @Test
  void threadsTakeTurns() throws Exception {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String name = "thread " + i;
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                for (int j = 0; j < 10; j++) {
                  try {
                    journal().add(name);
                  } catch (Exception e) {
                    throw new AssertionError(e);
                  }
                }
              }));
    }
    for (Thread each : threads) {
      each.join();
    }
    assertThat(journal().lines()).hasSize(40).allMatch(line -> line.matches("thread \\d"));
  }
}
