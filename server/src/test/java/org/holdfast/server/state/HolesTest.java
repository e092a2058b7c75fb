package org.holdfast.server.state;

import static org.assertj.core.api.Assertions.assertThat;

import org.holdfast.log.SegmentId;
import org.holdfast.log.SegmentRange;
import org.holdfast.server.index.MemoryIndex;
import org.junit.jupiter.api.Test;

class HolesTest {
  private final MemoryIndex index = new MemoryIndex();
  private final Holes holes = new Holes(new Rows(index, Fingerprint.ZERO));

  private static SegmentRange range(int first, int last) {
    return new SegmentRange(new SegmentId(0, 7, first), new SegmentId(0, 7, last));
  }

  @Test
  void whatIsRetiredIsCutOut() {
    holes.add(range(2, 9));
    holes.retired(range(4, 5));
    assertThat(holes.ranges()).containsExactly(range(2, 3), range(6, 9));
    holes.retired(range(1, 12));
    assertThat(holes.isOpen()).isFalse();
  }

  /// A round that ends behind them meets them again, as one.
  @Test
  void whatIsAbsentTwiceIsRetiredOnce() {
    holes.add(range(2, 2));
    holes.add(range(3, 3));
    holes.add(range(4, 4));
    holes.add(range(2, 4));
    holes.retired(range(4, 4));
    holes.retired(range(3, 3));
    assertThat(holes.ranges()).containsExactly(range(2, 2));
    holes.add(range(1, 3));
    holes.retired(range(1, 3));
    assertThat(holes.isOpen()).isFalse();
  }
}
