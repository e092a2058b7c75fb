package org.holdfast.core;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectFilesTest {
  @TempDir Path folder;

  /// Java refuses to read less than a block of such a file, and some file systems have long ones.
  @Test
  void onlyBlocksThatCanBeKeptToArePassedBy() {
    assertThat(DirectFiles.ofBlocks(512)).isEqualTo(new DirectFiles(4096, true));
    assertThat(DirectFiles.ofBlocks(4096)).isEqualTo(new DirectFiles(4096, true));
    assertThat(DirectFiles.ofBlocks(65_536)).isEqualTo(new DirectFiles(65_536, true));
    assertThat(DirectFiles.ofBlocks(1 << 20).isDirect()).isFalse();
    assertThat(DirectFiles.ofBlocks(6000).isDirect()).isFalse();
    assertThat(DirectFiles.ofBlocks(0).isDirect()).isFalse();
  }

  @Test
  void wholeBlocksAreWrittenAndTheEndOfAFileIsRead() throws Exception {
    DirectFiles files = DirectFiles.in(folder);
    Path file = folder.resolve("file");
    ByteBuffer buffer = files.buffer(1);
    assertThat(buffer.capacity()).isEqualTo(files.blockLength());
    byte[] text = "what is written".getBytes(US_ASCII);
    try (FileChannel channel =
        files.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.write(buffer.put(text).rewind(), 0);
    }
    assertThat(file).hasSize(files.blockLength());
    Files.write(file, text);
    try (FileChannel channel = files.open(file, StandardOpenOption.READ)) {
      assertThat(channel.read(buffer.clear(), 0)).isEqualTo(text.length);
    }
    byte[] read = new byte[text.length];
    buffer.get(0, read);
    assertThat(read).isEqualTo(text);
  }

  @Test
  void fileThatIsNotThereIsNotThere() throws Exception {
    DirectFiles files = DirectFiles.in(folder);
    assertThatThrownBy(() -> files.open(folder.resolve("none"), StandardOpenOption.READ))
        .isInstanceOf(NoSuchFileException.class);
  }
}
