package org.holdfast.seal.chunk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.holdfast.core.Bytes;
import org.holdfast.core.InvariantException;
import org.holdfast.seal.Hkdf;
import org.junit.jupiter.api.Test;

final class ChunkerTest {
  private static final Bytes KEY = Bytes.ofHex("ab".repeat(32));
  private static final ChunkSizes SMALL = new ChunkSizes(64, 700, 3000);

  @Test
  void cutsWhereTheSlowOneCuts() throws Exception {
    Random random = new Random(1);
    byte[] data = new byte[60_000];
    random.nextBytes(data);
    Arrays.fill(data, 20_000, 27_000, (byte) 7);
    for (int i = 30_000; i < 40_000; i++) {
      data[i] = (byte) (i % 3);
    }
    ChunkSizes[] many = {
      SMALL,
      new ChunkSizes(32, 34, 35),
      new ChunkSizes(65, 100, 5000),
      new ChunkSizes(999, 2500, 2600)
    };
    for (ChunkSizes sizes : many) {
      SlowChunker slow = new SlowChunker(KEY, sizes);
      List<Integer> expected = new ArrayList<>();
      for (int at = 0; at < data.length; ) {
        at = slow.next(data, at, data.length);
        expected.add(at);
      }
      assertThat(cuts(new Chunker(KEY, sizes), data)).as(sizes.toString()).isEqualTo(expected);
    }
  }

  @Test
  void bufferingMakesNoDifference() {
    byte[] data = new byte[100_000];
    new Random(2).nextBytes(data);
    Chunker chunker = new Chunker(KEY, SMALL);
    List<Integer> expected = cuts(chunker, data);
    for (int size : new int[] {3000, 3001, 4096, 10_000}) {
      byte[] buffer = new byte[size + 17];
      List<Integer> cuts = new ArrayList<>();
      for (int at = 0; at < data.length; ) {
        int length = Math.min(size, data.length - at);
        System.arraycopy(data, at, buffer, 17, length);
        boolean end = at + length == data.length;
        int next = chunker.next(buffer, 17, 17 + length, end);
        assertThat(next).isGreaterThan(17);
        at += next - 17;
        cuts.add(at);
      }
      assertThat(cuts).isEqualTo(expected);
    }
  }

  @Test
  void asksForMoreUnlessItsAnswerIsFinal() {
    Chunker chunker = new Chunker(KEY, SMALL);
    byte[] data = new byte[3000];
    assertThat(chunker.next(data, 0, 2999, false)).isEqualTo(-1);
    assertThat(chunker.next(data, 0, 3000, false)).isPositive();
    assertThat(chunker.next(data, 0, 64, true)).isEqualTo(64);
    assertThat(chunker.next(data, 5, 5, true)).isEqualTo(5);
    assertThatThrownBy(() -> chunker.next(data, 0, 3001, true))
        .isInstanceOf(InvariantException.class);
  }

  @Test
  void anInsertionMovesBoundariesAroundItOnly() {
    byte[] data = new byte[200_000];
    new Random(3).nextBytes(data);
    byte[] edited = new byte[data.length + 1];
    System.arraycopy(data, 0, edited, 0, 100_000);
    System.arraycopy(data, 100_000, edited, 100_001, 100_000);
    List<Integer> before = cuts(new Chunker(KEY, SMALL), data);
    List<Integer> after = cuts(new Chunker(KEY, SMALL), edited);
    List<Integer> shifted = before.stream().map(cut -> cut < 100_000 ? cut : cut + 1).toList();
    List<Integer> differing = new ArrayList<>(after);
    differing.removeAll(shifted);
    assertThat(differing).hasSizeLessThan(12);
    assertThat(differing).allMatch(cut -> cut > 99_000 && cut < 115_000);
  }

  /// With AES-128 and FIPS 197, appendix C.1: the inverse cipher of the first block is the second.
  /// What the first round gives is that first block where the early half of the window is its
  /// difference to the late half's result; so the window's bits are the known ones.
  @Test
  void theDecisionIsAesTwice() throws Exception {
    byte[] key = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f");
    byte[] block = HexFormat.of().parseHex("69c4e0d86a7b0430d8cdb78070b4c55a");
    byte[] plain = HexFormat.of().parseHex("00112233445566778899aabbccddeeff");
    byte[] data = new byte[4 * 32];
    for (int i = 0; i < 16; i++) {
      data[64 + i] = (byte) (plain[i] ^ block[i]);
      data[80 + i] = block[i];
    }
    CutFunction cut = new CutFunction(key, 65);
    for (int at = 32; at <= 96; at++) {
      int count = 97 - at;
      assertThat(cut.firstBelow(data, at, count, 0x33221101)).isLessThanOrEqualTo(96 - at);
    }
    assertThat(cut.firstBelow(data, 96, 1, 0x33221101)).isZero();
    assertThat(cut.firstBelow(data, 96, 1, 0x33221100)).isEqualTo(-1);
  }

  /// With a batch's every place, and each of the sixteen alignments, first or last.
  @Test
  void theFirstPlaceIsFoundWhereverItIs() throws Exception {
    byte[] data = new byte[700];
    new Random(4).nextBytes(data);
    SlowChunker slow = new SlowChunker(KEY, SMALL);
    byte[] key = Hkdf.derive(KEY.toArray(), new byte[0], "holdfast chunk cut 2", 16);
    CutFunction cut = new CutFunction(key, 200);
    for (int threshold : new int[] {1 << 25, 1 << 27, 1 << 29, -1}) {
      for (int at = 32; at < 500; at++) {
        for (int count : new int[] {1, 15, 16, 17, 199, 200}) {
          int expected = -1;
          for (int i = count - 1; i >= 0; i--) {
            boolean below = slow.bits(data, at + i) < Integer.toUnsignedLong(threshold);
            expected = below ? i : expected;
          }
          assertThat(cut.firstBelow(data, at, count, threshold)).isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void sizesOutOfOrderAreRefused() {
    assertThatThrownBy(() -> new ChunkSizes(31, 100, 200)).isInstanceOf(InvariantException.class);
    assertThatThrownBy(() -> new ChunkSizes(64, 64, 200)).isInstanceOf(InvariantException.class);
    assertThatThrownBy(() -> new ChunkSizes(64, 201, 200)).isInstanceOf(InvariantException.class);
  }

  static List<Integer> cuts(Chunker chunker, byte[] data) {
    List<Integer> cuts = new ArrayList<>();
    for (int at = 0; at < data.length; ) {
      at = chunker.next(data, at, data.length, true);
      cuts.add(at);
    }
    return cuts;
  }
}
