package org.holdfast.client.archive;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.holdfast.core.CorruptException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SeenArchiveTest {
  @TempDir Path folder;

  @Test
  void aFileOfTheOlderVersionIsNotCalledDamaged() throws Exception {
    byte[] old = Arrays.copyOf("HFSEEN01".getBytes(StandardCharsets.US_ASCII), 52);
    Files.write(folder.resolve("seen"), old);
    assertThatThrownBy(() -> SeenArchive.read(folder))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("of an older version")
        .hasMessageContaining(folder.resolve("seen").toString());
    old[7] = '3';
    Files.write(folder.resolve("seen"), old);
    assertThatThrownBy(() -> SeenArchive.read(folder)).hasMessageContaining("is damaged");
  }
}
