package org.holdfast.client.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.holdfast.core.BlockName;
import org.holdfast.core.CorruptException;
import org.junit.jupiter.api.Test;

final class NameCountsTest {
  @Test
  void countsAreThoseOfAnOrdinaryMap() throws Exception {
    Random random = new Random(5);
    NameCounts counts = new NameCounts();
    Map<BlockName, Integer> expected = new HashMap<>();
    List<BlockName> names = new ArrayList<>();
    for (int i = 0; i < 4_000; i++) {
      names.add(name(random, i));
    }
    for (int i = 0; i < 200_000; i++) {
      BlockName name = names.get(random.nextInt(names.size()));
      int before = expected.getOrDefault(name, 0);
      if (before > 0 && random.nextInt(3) == 0) {
        expected.put(name, before - 1);
        assertThat(counts.subtract(name)).isEqualTo(before - 1);
      } else {
        expected.put(name, before + 1);
        assertThat(counts.add(name)).isEqualTo(before + 1);
      }
    }
    expected.values().removeIf(count -> count == 0);
    Map<BlockName, Integer> found = new HashMap<>();
    counts.each((bytes, from, count) -> found.put(NameCounts.name(bytes, from), count));
    assertThat(found).isEqualTo(expected);
    assertThat(counts.used()).isEqualTo(expected.size());
  }

  @Test
  void namesThatDifferInOneByteOnlyAreTwo() throws Exception {
    for (int at = 0; at < BlockName.LENGTH; at++) {
      NameCounts counts = new NameCounts();
      byte[] other = new byte[BlockName.LENGTH];
      other[at] = 1;
      counts.add(BlockName.of(new byte[BlockName.LENGTH]));
      assertThat(counts.count(BlockName.of(other))).isZero();
      assertThat(counts.add(BlockName.of(other))).isEqualTo(1);
      assertThat(counts.subtract(BlockName.of(new byte[BlockName.LENGTH]))).isZero();
      assertThat(counts.count(BlockName.of(other))).isEqualTo(1);
    }
  }

  @Test
  void whatIsNotCountedIsNotTakenAway() throws Exception {
    NameCounts counts = new NameCounts();
    BlockName name = BlockName.of(new byte[BlockName.LENGTH]);
    assertThatThrownBy(() -> counts.subtract(name)).isInstanceOf(CorruptException.class);
    counts.add(name);
    counts.subtract(name);
    assertThatThrownBy(() -> counts.subtract(name)).isInstanceOf(CorruptException.class);
  }

  /// Many of the names share all that the index looks at.
  private static BlockName name(Random random, int number) {
    byte[] bytes = new byte[BlockName.LENGTH];
    if (number % 2 == 0) {
      random.nextBytes(bytes);
    }
    bytes[12] = (byte) (number >>> 16);
    bytes[13] = (byte) (number >>> 8);
    bytes[14] = (byte) number;
    return BlockName.of(bytes);
  }
}
