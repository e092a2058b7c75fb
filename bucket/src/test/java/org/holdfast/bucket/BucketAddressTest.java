package org.holdfast.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.holdfast.core.RefusedException;
import org.junit.jupiter.api.Test;

final class BucketAddressTest {
  @Test
  void aFolderIsNamedByItsPath() throws Exception {
    assertThat(BucketAddress.parse("dir:/a/b c"))
        .isEqualTo(new BucketAddress.Directory(Path.of("/a/b c")))
        .hasToString("dir:/a/b c");
    assertThat(BucketAddress.parse("dir:x"))
        .isEqualTo(new BucketAddress.Directory(Path.of("x").toAbsolutePath()));
  }

  @Test
  void whatCannotBeOpenedIsRefusedInOneLine() {
    for (String text : List.of("", "dir:", "/a", "DIR:/a", "s4://x", "dir:/a\0b")) {
      assertThatThrownBy(() -> BucketAddress.parse(text))
          .as(text)
          .isInstanceOf(RefusedException.class)
          .message()
          .contains("address");
    }
    assertThatThrownBy(() -> BucketAddress.parse("s3://bucket/prefix"))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("not yet in this version");
  }
}
