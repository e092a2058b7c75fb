package org.holdfast.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import org.holdfast.core.RefusedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileFailureTest {
  @TempDir private Path root;

  @Test
  void aFullDiskIsRefusedAndSaysSo() throws Exception {
    FileSystemException full = new FileSystemException("f", null, "No space left on device");
    assertThatThrownBy(() -> FileFailure.ofWrite(full, root, 10, "put k"))
        .isInstanceOf(RefusedException.class)
        .hasMessage("cannot put k in " + root + ": the disk is full: make room");
    assertThatThrownBy(() -> FileFailure.ofWrite(new IOException("?"), root, 1L << 60, "put k"))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("full");
  }

  @Test
  void aMissingPermissionIsRefused() {
    assertThatThrownBy(() -> FileFailure.of(new AccessDeniedException("f"), root, "read k"))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("no permission");
  }

  @Test
  void anythingElseMayPass() throws Exception {
    assertThat(FileFailure.ofWrite(new IOException("I/O error"), root, 10, "put k"))
        .hasMessageContaining("I/O error")
        .hasMessageContaining("retry");
  }
}
