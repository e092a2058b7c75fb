package org.holdfast.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.holdfast.server.index.IndexException;
import org.junit.jupiter.api.Test;

final class FailuresTest {
  /// Of a disk, whoever runs the service has to hear what to do.
  @Test
  void fullDiskIsNoDefect() {
    assertThat(Failures.line(new IndexException("flushed", new IOException("no space left"))))
        .startsWith("the local index cannot be flushed (no space left): check the disk")
        .doesNotContain("defect");
  }

  @Test
  void whatNobodyHasThoughtOfIsADefect() {
    assertThat(Failures.line(new IllegalStateException("it\nis")))
        .startsWith("a defect in holdfast (")
        .contains("it is")
        .contains("report it");
  }
}
