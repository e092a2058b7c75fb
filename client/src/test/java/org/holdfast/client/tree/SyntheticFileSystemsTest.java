package org.holdfast.client.tree;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class SyntheticFileSystemsTest {
  @Test
  void devicesAreReadOfEachLine() {
    String mounts =
        """
        22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
        23 22 0:21 / /proc rw,nosuid shared:5 - proc proc rw
        24 22 0:22 / /sys rw master:1 shared:6 - sysfs sysfs rw
        25 22 0:40 / /mnt/a\\040-\\040proc rw - tmpfs tmpfs rw
        26 22 x:y / /odd rw - proc proc rw
        nonsense
        """;
    assertThat(SyntheticFileSystems.devices(mounts.getBytes(StandardCharsets.US_ASCII)))
        .containsExactlyInAnyOrder(21L, 22L);
  }

  /// Of this machine, as a walk sees it.
  @Test
  void procIsOneHere() throws Exception {
    try (SourceTree proc = PosixTree.open("/proc".getBytes(StandardCharsets.US_ASCII))) {
      FileStatus status = proc.status(TreePath.root());
      assertThat(SyntheticFileSystems.mounted()).contains(status.device());
    }
    try (SourceTree here = PosixTree.open(".".getBytes(StandardCharsets.US_ASCII))) {
      FileStatus status = here.status(TreePath.root());
      assertThat(SyntheticFileSystems.mounted()).doesNotContain(status.device());
    }
  }
}
