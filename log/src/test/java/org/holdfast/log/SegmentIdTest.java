package org.holdfast.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SegmentIdTest {
  @Test
  void keyNamesTheSegmentAndComesBack() {
    assertThat(Samples.GOLDEN_ID.key()).isEqualTo("log/b7/00000003-00000002-0000000000000009");
    Random random = new Random(1);
    for (int i = 0; i < 2000; i++) {
      SegmentId id =
          new SegmentId(
              random.nextInt(Integer.MAX_VALUE),
              random.nextInt(1, Integer.MAX_VALUE),
              random.nextLong(1, Long.MAX_VALUE));
      assertThat(SegmentId.ofKey(id.key())).contains(id);
    }
  }

  @Test
  void keyWithAnotherHashOrShapeIsNoSegment() {
    for (String key :
        List.of(
            "",
            "log/b8/00000003-00000002-0000000000000009",
            "log/b7/00000003-00000002-000000000000000a",
            "log/B7/00000003-00000002-0000000000000009",
            "log/b7/00000003-00000002-0000000000000009 ",
            "log/b7/00000003-00000000-0000000000000009",
            "log/b7/ffffffff-ffffffff-ffffffffffffffff")) {
      assertThat(SegmentId.ofKey(key)).as(key).isEmpty();
    }
  }

  @Test
  void orderIsThatOfTheLog() {
    List<SegmentId> ordered =
        List.of(
            new SegmentId(0, 1, 2),
            new SegmentId(0, 1, 1L << 40),
            new SegmentId(0, 2, 1),
            new SegmentId(1, 1, 1));
    assertThat(Stream.of(2, 0, 3, 1).map(ordered::get).sorted()).isEqualTo(ordered);
  }
}
