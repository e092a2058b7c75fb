package org.holdfast.server.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.holdfast.log.SegmentId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScrubProgressTest {
  private static final ScrubProgress PROGRESS =
      new ScrubProgress(
          1_767_225_600_000L,
          Optional.of(new SegmentId(0, 3, 77)),
          Optional.of(new SegmentId(0, Integer.MAX_VALUE, Long.MAX_VALUE)),
          Long.MAX_VALUE,
          Long.MAX_VALUE);

  @Test
  void whatIsKeptIsReadAgain() throws Exception {
    for (ScrubProgress each : new ScrubProgress[] {ScrubProgress.NONE, PROGRESS, PROGRESS.end(5)}) {
      assertThat(ScrubProgress.of(each.text())).contains(each);
    }
    assertThat(PROGRESS.text()).hasSizeLessThanOrEqualTo(ScrubProgress.TEXT_LENGTH_MAX);
  }

  @Test
  void aLineWithAnyOtherByteOrLengthSaysNothing() {
    String text = PROGRESS.text();
    for (int i = 0; i < text.length(); i++) {
      String changed = text.substring(0, i) + (char) (text.charAt(i) ^ 1) + text.substring(i + 1);
      assertThat(ScrubProgress.of(changed)).as(changed).isEmpty();
      assertThat(ScrubProgress.of(text.substring(0, i))).isEmpty();
    }
    assertThat(ScrubProgress.of(text + "\n")).isEmpty();
  }

  @Test
  void aFileThatIsNoProgressSaysNothing(@TempDir Path path) throws Exception {
    try (StateFolder folder = StateFolder.open(path)) {
      assertThat(folder.scrub()).isEmpty();
      folder.keepScrub(PROGRESS);
      assertThat(folder.scrub()).contains(PROGRESS);
      Files.write(path.resolve("scrub"), new byte[] {(byte) 0xff, 0, 'x'});
      assertThat(folder.scrub()).isEmpty();
      Files.write(path.resolve("scrub"), new byte[100_000]);
      assertThat(folder.scrub()).isEmpty();
    }
  }
}
