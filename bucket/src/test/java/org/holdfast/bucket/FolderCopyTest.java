package org.holdfast.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A folder that is filled once.
final class FolderCopyTest {
  @TempDir private Path temporary;
  private Path root;
  private final Buckets buckets =
      new Buckets(
          new SystemClock(), new SecureRandom(), Spawner.virtual(), S3Settings.of(Map.of()));

  @BeforeEach
  void choose() {
    root = temporary.resolve("a/copy");
  }

  @Test
  void isABucketWhenItIsFinishedAndNotBefore() throws Exception {
    FolderCopy copy = FolderCopy.begin(root);
    copy.put("log/ab/1", body("one"));
    for (Opening each : List.<Opening>of(this::toRead, this::toWrite, this::toMake)) {
      assertThatThrownBy(each::open)
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("never finished");
    }
    copy.put("log/cd/2", body("two"));
    copy.finish("note.txt", "text");
    Bucket bucket = toRead();
    assertThat(bucket.list("log/", "", 10).objects())
        .containsExactly(new ListedObject("log/ab/1", 3), new ListedObject("log/cd/2", 3));
    assertThat(bucket.getWhole("log/cd/2", 10).orElseThrow()).asString().isEqualTo("two");
    assertThat(bucket.get("log/ef/3", 0, 1)).isEmpty();
    assertThat(toWrite().putIfAbsent("log/ab/1", body("other"))).isEqualTo(PutResult.EXISTS);
    assertThat(root.resolve("note.txt")).hasContent("text");
  }

  @Test
  void onlyAnEmptyFolderIsFilled() throws Exception {
    FolderCopy.begin(root).abandon();
    assertThat(root).isEmptyDirectory();
    FolderCopy begun = FolderCopy.begin(root);
    begun.put("log/1", body("one"));
    begun.abandon();
    assertThat(root.resolve("log/1")).exists();
    assertThatThrownBy(() -> FolderCopy.begin(root)).hasMessageContaining("never finished");
    begun.finish("note.txt", "text");
    assertThatThrownBy(() -> FolderCopy.begin(root)).hasMessageContaining("is not empty");
    assertThatThrownBy(() -> FolderCopy.begin(root.resolve("note.txt")))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("is a file");
  }

  /// As on a disk that cannot be written, or has no links.
  @Test
  void aBucketThatIsOpenedToReadIsLeftAsItIs() throws Exception {
    toMake().putIfAbsent("log/1", body("one"));
    Path old = Files.createFile(root.resolve(".tmp/old"));
    FileTime longAgo = FileTime.fromMillis(1000);
    Files.setLastModifiedTime(old, longAgo);
    Files.setLastModifiedTime(root.resolve(".tmp"), longAgo);
    Bucket bucket = toRead();
    assertThat(bucket.list("", "", 10).objects()).hasSize(1);
    assertThat(old).exists();
    assertThat(Files.getLastModifiedTime(root.resolve(".tmp"))).isEqualTo(longAgo);
    toWrite();
    assertThat(old).doesNotExist();
  }

  private Bucket toRead() throws Exception {
    return buckets.openToRead(new BucketAddress.Directory(root));
  }

  private Bucket toWrite() throws Exception {
    return buckets.open(new BucketAddress.Directory(root));
  }

  private Bucket toMake() throws Exception {
    return buckets.openOrCreate(new BucketAddress.Directory(root), "log/");
  }

  private static List<ByteBuffer> body(String text) {
    return List.of(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }

  private interface Opening {
    Bucket open() throws Exception;
  }
}
