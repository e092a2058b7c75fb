package org.holdfast.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FoldersTest {
  @TempDir Path folder;

  @Test
  void aFileIsReplacedAsAWholeOrNotAtAll() throws Exception {
    Path file = folder.resolve("file");
    Folders.replace(file, ByteBuffer.wrap(new byte[200_000]));
    Folders.replace(file, ByteBuffer.wrap(new byte[] {1, 2}));
    assertThat(file).hasBinaryContent(new byte[] {1, 2});
    assertThatThrownBy(() ->
            Folders.replace(
                file,
                channel -> {
                  Folders.write(channel, ByteBuffer.wrap(new byte[] {9}));
                  throw new IOException("the disk is full");
                }))
        .hasMessage("the disk is full");
    assertThat(file).hasBinaryContent(new byte[] {1, 2});
    Folders.replace(file, ByteBuffer.wrap(new byte[] {3}));
    assertThat(file).hasBinaryContent(new byte[] {3});
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }
}
