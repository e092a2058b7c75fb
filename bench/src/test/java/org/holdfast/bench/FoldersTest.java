package org.holdfast.bench;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FoldersTest {
  @TempDir private Path folder;
  private Path source = Path.of("");
  private Path copy = Path.of("");

  @BeforeEach
  void makeTwo() throws IOException {
    source = make("source");
    copy = make("copy");
  }

  private Path make(String name) throws IOException {
    Path made = Files.createDirectories(folder.resolve(name));
    Path file = Files.writeString(made.resolve("file"), "text");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    setTime(file);
    setTime(made);
    return made;
  }

  private static void setTime(Path path) throws IOException {
    Files.setLastModifiedTime(path, FileTime.fromMillis(1_000_000));
  }

  @Test
  void equalFoldersCompareEqual() {
    assertThatCode(() -> Folders.compare(source, copy)).doesNotThrowAnyException();
  }

  @Test
  void aByteMakesADifference() throws IOException {
    setTime(Files.writeString(copy.resolve("file"), "tent"));
    assertThatThrownBy(() -> Folders.compare(source, copy)).hasMessageContaining("is not what");
  }

  @Test
  void aModeMakesADifference() throws IOException {
    Files.setPosixFilePermissions(
        copy.resolve("file"), PosixFilePermissions.fromString("rwx------"));
    assertThatThrownBy(() -> Folders.compare(source, copy)).hasMessageContaining("mode");
  }

  @Test
  void aFileMoreOrLessMakesADifference() throws IOException {
    Files.createFile(copy.resolve("more"));
    setTime(copy);
    assertThatThrownBy(() -> Folders.compare(source, copy)).hasMessageContaining("more files");
    Files.delete(copy.resolve("file"));
    assertThatThrownBy(() -> Folders.compare(source, copy)).hasMessageContaining("is not what");
  }
}
