package org.holdfast.seal.chunk;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.holdfast.core.Bytes;
import org.junit.jupiter.api.Test;

/// What an observer of chunk lengths sees, for inputs of the observer's choice and under many keys:
/// coins, one for each different window.
///
/// Each figure is compared with the model's; bounds are 4.5 standard deviations, or the chi-squared
/// value that chance exceeds once in 10^5. Seeds are fixed, so that a failure is not chance.
final class ChunkLengthsTest {
  private static final int KEYS = 3000;

  /// A position is a boundary with probability 1/16.
  private static final ChunkSizes SIXTEENTH = new ChunkSizes(64, 80, 400);

  private final Random random = new Random(1);

  @Test
  void randomInputGivesGeometricLengths() {
    byte[] data = new byte[1_000_000];
    random.nextBytes(data);
    ChunkSizes sizes = new ChunkSizes(64, 164, 1064);
    List<Integer> lengths = lengths(new Chunker(key(), sizes), data);
    assertGeometric(lengths, sizes);
    double mean = lengths.stream().mapToInt(each -> each).average().orElseThrow();
    assertThat(mean).isBetween(sizes.expectedBytes() * 0.96, sizes.expectedBytes() * 1.04);
  }

  /// 2^17 different windows of two symbols: what a function that is not one of the whole window
  /// gives away.
  @Test
  void twoSymbolsInManyOrdersGiveGeometricLengths() {
    byte[] data = deBruijn(17);
    ChunkSizes sizes = new ChunkSizes(64, 104, 464);
    for (int i = 0; i < 5; i++) {
      assertGeometric(lengths(new Chunker(key(), sizes), data), sizes);
    }
  }

  /// One window, one coin: chunks are all of the least length or all of the largest.
  @Test
  void constantInputHasOneDecisionMadeByTheKey() {
    int boundaries = 0;
    byte[] data = new byte[4000];
    for (int i = 0; i < KEYS; i++) {
      Arrays.fill(data, (byte) i);
      Set<Integer> lengths =
          new HashSet<>(lengths(new Chunker(key(), SIXTEENTH), data).subList(0, 9));
      assertThat(lengths).hasSize(1);
      assertThat(lengths).isSubsetOf(SIXTEENTH.min(), SIXTEENTH.max());
      boundaries += lengths.contains(SIXTEENTH.min()) ? 1 : 0;
    }
    assertProbability(boundaries, KEYS, SIXTEENTH.probability());
  }

  /// An input of period p has p windows: the first chunk ends at the first of p coins.
  @Test
  void cyclesHaveACoinForEachOfTheirWindows() {
    for (int period : new int[] {2, 3, 7, 33}) {
      byte[] data = new byte[SIXTEENTH.max() + 1];
      for (int i = 0; i < data.length; i++) {
        data[i] = (byte) (i % period == 0 ? 'a' : 'b');
      }
      int[] counts = new int[period + 1];
      for (int i = 0; i < KEYS; i++) {
        int cut = new Chunker(key(), SIXTEENTH).next(data, 0, data.length, true);
        int offset = cut - SIXTEENTH.min();
        assertThat(offset < period || cut == SIXTEENTH.max()).isTrue();
        counts[Math.min(offset, period)]++;
      }
      double p = SIXTEENTH.probability();
      double[] expected = new double[period + 1];
      for (int i = 0; i <= period; i++) {
        expected[i] = KEYS * Math.pow(1 - p, i) * (i == period ? 1 : p);
      }
      assertChiSquared(counts, expected, "period " + period);
    }
  }

  @Test
  void decisionsOnDifferentWindowsAreIndependent() {
    byte[][] windows = {window(-1, -1), window(3, -1), window(28, -1), constant('z')};
    int[][] joint = new int[windows.length][windows.length];
    for (int i = 0; i < KEYS; i++) {
      boolean[] cut = decisions(key(), windows);
      for (int a = 0; a < windows.length; a++) {
        for (int b = 0; b < windows.length; b++) {
          joint[a][b] += cut[a] && cut[b] ? 1 : 0;
        }
      }
    }
    for (int a = 0; a < windows.length; a++) {
      for (int b = 0; b < windows.length; b++) {
        assertProbability(joint[a][b], KEYS, a == b ? 0.25 : 0.0625);
      }
    }
  }

  /// These four windows add up to zero, as under every hash that is linear; and their halves are
  /// the same by twos, which one round of the function would show.
  @Test
  void decisionsOnWindowsOfTheSameHalvesAreIndependent() {
    byte[][] windows = {window(-1, -1), window(10, -1), window(-1, 20), window(10, 20)};
    int all = 0;
    int odd = 0;
    for (int i = 0; i < KEYS; i++) {
      boolean[] cut = decisions(key(), windows);
      all += cut[0] && cut[1] && cut[2] && cut[3] ? 1 : 0;
      odd += cut[0] ^ cut[1] ^ cut[2] ^ cut[3] ? 1 : 0;
    }
    assertProbability(all, KEYS, Math.pow(0.25, 4));
    // Of four coins of 1/4 an odd number shows with probability (1 - (1 - 2/4)^4) / 2.
    assertProbability(odd, KEYS, (1 - Math.pow(0.5, 4)) / 2);
  }

  @Test
  void twoKeysHaveBoundariesInCommonByChanceOnly() {
    byte[] data = new byte[300_000];
    random.nextBytes(data);
    ChunkSizes sizes = new ChunkSizes(64, 164, 1064);
    Bytes one = key();
    byte[] flipped = one.toArray();
    flipped[0] ^= 1;
    List<Integer> cuts = ChunkerTest.cuts(new Chunker(one, sizes), data);
    Set<Integer> others =
        new HashSet<>(ChunkerTest.cuts(new Chunker(Bytes.wrap(flipped), sizes), data));
    int common = (int) cuts.stream().filter(others::contains).count();
    assertProbability(common, cuts.size(), (double) others.size() / data.length);
  }

  private Bytes key() {
    byte[] key = new byte[32];
    random.nextBytes(key);
    return Bytes.wrap(key);
  }

  /// 32 times 'a', but 'b' at two places, where those are not negative.
  private static byte[] window(int first, int second) {
    byte[] window = constant('a');
    for (int place : new int[] {first, second}) {
      if (place >= 0) {
        window[place] = 'b';
      }
    }
    return window;
  }

  private static byte[] constant(char symbol) {
    byte[] window = new byte[32];
    Arrays.fill(window, (byte) symbol);
    return window;
  }

  /// With a probability of 1/4 each.
  private static boolean[] decisions(Bytes key, byte[][] windows) {
    Chunker chunker = new Chunker(key, new ChunkSizes(32, 36, 100));
    boolean[] cut = new boolean[windows.length];
    for (int i = 0; i < windows.length; i++) {
      cut[i] = chunker.next(Arrays.copyOf(windows[i], 33), 0, 33, true) == 32;
    }
    return cut;
  }

  /// Every sequence of `order` symbols occurs once (the classical shift register with a greedy
  /// choice of the next symbol).
  private static byte[] deBruijn(int order) {
    int size = 1 << order;
    boolean[] seen = new boolean[size];
    byte[] sequence = new byte[size];
    int state = 0;
    seen[0] = true;
    for (int i = 0; i < size - 1; i++) {
      int next = (state << 1 | 1) & size - 1;
      if (seen[next]) {
        next ^= 1;
      }
      seen[next] = true;
      sequence[i] = (byte) ((next & 1) == 1 ? 'b' : 'a');
      state = next;
    }
    return sequence;
  }

  private static List<Integer> lengths(Chunker chunker, byte[] data) {
    List<Integer> lengths = new ArrayList<>();
    int from = 0;
    for (int cut : ChunkerTest.cuts(chunker, data)) {
      lengths.add(cut - from);
      from = cut;
    }
    // The last one ends where the input does.
    return lengths.subList(0, lengths.size() - 1);
  }

  /// Against bins of equal probability, and one for what is cut off at `max`.
  private static void assertGeometric(List<Integer> lengths, ChunkSizes sizes) {
    int bins = 40;
    double p = sizes.probability();
    int[] counts = new int[bins + 1];
    double[] expected = new double[bins + 1];
    for (int offset = 0; offset < sizes.max() - sizes.min(); offset++) {
      expected[bin(offset, p, bins)] += lengths.size() * p * Math.pow(1 - p, offset);
    }
    expected[bins] += lengths.size() * Math.pow(1 - p, sizes.max() - sizes.min());
    for (int length : lengths) {
      assertThat(length).isBetween(sizes.min(), sizes.max());
      counts[length == sizes.max() ? bins : bin(length - sizes.min(), p, bins)]++;
    }
    assertChiSquared(counts, expected, sizes.toString());
    assertNoRuns(lengths);
  }

  private static int bin(int offset, double p, int bins) {
    return (int) Math.min(bins - 1, (1 - Math.pow(1 - p, offset)) * bins);
  }

  /// One length says nothing of the next: their correlation is that of chance.
  private static void assertNoRuns(List<Integer> lengths) {
    double mean = lengths.stream().mapToInt(each -> each).average().orElseThrow();
    double together = 0;
    double alone = 0;
    for (int i = 0; i + 1 < lengths.size(); i++) {
      together += (lengths.get(i) - mean) * (lengths.get(i + 1) - mean);
      alone += Math.pow(lengths.get(i) - mean, 2);
    }
    assertThat(Math.abs(together / alone)).isLessThan(4.5 / Math.sqrt(lengths.size()));
  }

  private static void assertProbability(int hits, int trials, double probability) {
    double deviation = Math.sqrt(trials * probability * (1 - probability));
    assertThat((double) hits)
        .isBetween(trials * probability - 4.5 * deviation, trials * probability + 4.5 * deviation);
  }

  /// Bins that expect fewer than five are joined to the next.
  private static void assertChiSquared(int[] counts, double[] expected, String what) {
    double sum = 0;
    int freedom = -1;
    double joinedExpected = 0;
    double joinedCount = 0;
    for (int i = 0; i < counts.length; i++) {
      joinedExpected += expected[i];
      joinedCount += counts[i];
      if (joinedExpected >= 5 || i == counts.length - 1 && joinedExpected > 0) {
        sum += Math.pow(joinedCount - joinedExpected, 2) / Math.max(joinedExpected, 1);
        freedom++;
        joinedExpected = 0;
        joinedCount = 0;
      }
    }
    // Wilson and Hilferty: the cube root of chi-squared over its freedom is close to normal.
    double spread = 2.0 / (9 * freedom);
    double normal = (Math.cbrt(sum / freedom) - (1 - spread)) / Math.sqrt(spread);
    assertThat(normal).as("%s: chi-squared %.1f of %d", what, sum, freedom).isLessThan(4.3);
    assertThat(normal).as("%s: too good to be chance", what).isGreaterThan(-4.3);
  }
}
