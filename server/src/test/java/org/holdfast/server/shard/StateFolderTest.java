package org.holdfast.server.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.holdfast.log.SegmentId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFolderTest {
  @TempDir Path path;

  @Test
  void lineThatACrashHasCutDoesNotSpoilTheNext() throws Exception {
    SegmentId cut = new SegmentId(0, 1, 1);
    SegmentId next = new SegmentId(0, 1, 2);
    try (StateFolder folder = StateFolder.open(path)) {
      folder.addDamaged(cut, Damage.MISSING);
      Path file = path.resolve("damaged");
      Files.writeString(file, Files.readString(file).strip().substring(0, 20));
      folder.addDamaged(next, Damage.HEADER);
      assertThat(folder.damaged()).isEqualTo(Map.of(next, Damage.HEADER));
    }
  }

  @Test
  void whatIsNoFileAndWhatIsNoFolderGoes() throws Exception {
    for (String file : List.of("damaged", "scrub", "overrides", "clean")) {
      Files.createDirectories(path.resolve(file).resolve("inside"));
    }
    for (String inside :
        List.of("index", "index.rebuilt", "index.replaced", "rebuild", "defects")) {
      Files.writeString(path.resolve(inside), "nothing");
    }
    try (StateFolder folder = StateFolder.open(path)) {
      assertThat(folder.takeCleanMark()).isFalse();
      assertThat(folder.hasIndex()).isFalse();
      assertThat(folder.damaged()).isEmpty();
      assertThat(folder.overrides()).isEmpty();
      assertThat(folder.scrub()).isEmpty();
      assertThat(folder.addDefect(1, "something")).exists();
      folder.addOverrides(List.of("one", "two"));
      assertThat(folder.overrides()).containsExactly("one", "two");
    }
  }

  @Test
  void ofWhatIsNoTextWhatMakesSenseCounts() throws Exception {
    SegmentId segment = new SegmentId(0, 1, 2);
    try (StateFolder folder = StateFolder.open(path)) {
      Files.write(path.resolve("damaged"), new byte[] {-1, -2, 10, -61});
      folder.addDamaged(segment, Damage.HEADER);
      assertThat(folder.damaged()).isEqualTo(Map.of(segment, Damage.HEADER));
    }
  }
}
