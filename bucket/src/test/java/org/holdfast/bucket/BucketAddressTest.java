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
  }

  @Test
  void aBucketInS3IsNamedWithOrWithoutAPrefix() throws Exception {
    assertThat(BucketAddress.parse("s3://my.bucket"))
        .isEqualTo(new BucketAddress.S3("my.bucket", ""))
        .isEqualTo(BucketAddress.parse("s3://my.bucket/"))
        .hasToString("s3://my.bucket");
    assertThat(BucketAddress.parse("s3://bucket/Some/prefix"))
        .isEqualTo(new BucketAddress.S3("bucket", "Some/prefix/"))
        .isEqualTo(BucketAddress.parse("s3://bucket/Some/prefix/"))
        .hasToString("s3://bucket/Some/prefix");
  }

  @Test
  void whatIsNoBucketInS3IsRefusedInOneLine() {
    for (String text :
        List.of(
            "s3://", "s3://ab", "s3://Bucket", "s3:///x", "s3://bucket//x", "s3://bucket/a b")) {
      assertThatThrownBy(() -> BucketAddress.parse(text))
          .as(text)
          .isInstanceOf(RefusedException.class)
          .message()
          .contains(text);
    }
  }
}
