package org.holdfast.server.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
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
}
