package org.holdfast.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.CorruptException;
import org.holdfast.core.InvariantException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Right;
import org.holdfast.core.UnavailableException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SealingTest {
  private static final MachineKeys KEYS = MachineKeys.random(new TestRandom(1));

  private final TestRandom random = new TestRandom(2);
  private final Random data = new Random(3);
  private final BlockName name = BlockName.random(random);
  private Run run;
  private Opener opener;

  @BeforeEach
  void start() throws Exception {
    run = Run.start(KEYS.write(), random, Sealer.DEFAULT_LEVEL);
    opener = new Opener(KEYS.read());
    opener.learn(run.blockName(), run.block());
  }

  @AfterEach
  void close() {
    run.close();
    opener.close();
  }

  @Test
  void everythingOpensAsItWas() throws Exception {
    for (int length : new int[] {0, 1, 5, 63, 64, 1000, 65_535, 65_536, 70_000, 300_000}) {
      for (boolean compressible : new boolean[] {true, false}) {
        byte[] content = content(length, compressible);
        byte[] block = run.sealer().chunk(name, content, 0, length);
        assertThat(Opened.chunk(opener, name, block)).isEqualTo(content);
        assertThat(block.length).isEqualTo(Padme.pad(block.length));
        byte[] references = content(length / 3, true);
        for (BlockClass each : List.of(BlockClass.PAGE, BlockClass.ROOT)) {
          byte[] both = run.sealer().pair(each, name, references, content);
          Pair pair = opener.pair(each, name, both);
          assertThat(pair.references()).isEqualTo(references);
          assertThat(pair.content()).isEqualTo(content);
          assertThat(opener.references(each, name, both)).isEqualTo(references);
        }
      }
    }
  }

  @Test
  void chunksAreTakenFromWithinABuffer() throws Exception {
    byte[] buffer = content(5000, false);
    byte[] block = run.sealer().chunk(name, buffer, 100, 4000);
    assertThat(Opened.chunk(opener, name, block)).isEqualTo(Arrays.copyOfRange(buffer, 100, 4000));
  }

  @Test
  void theLargestChunkFitsABlock() throws Exception {
    byte[] content = content(Limits.CHUNK_BYTES_MAX, false);
    byte[] block = run.sealer().chunk(name, content, 0, content.length);
    assertThat(block.length).isLessThanOrEqualTo(Limits.BLOCK_BYTES_MAX);
    assertThat(Opened.chunk(opener, name, block)).isEqualTo(content);
    byte[] larger = new byte[Limits.CHUNK_BYTES_MAX + 1];
    assertThatThrownBy(() -> run.sealer().chunk(name, larger, 0, larger.length))
        .isInstanceOf(InvariantException.class);
  }

  @Test
  void similarLengthsAreNotToldApart() {
    Set<Integer> lengths = new HashSet<>();
    for (int length = 100_400; length <= 102_300; length += 37) {
      lengths.add(run.sealer().chunk(name, content(length, false), 0, length).length);
    }
    assertThat(lengths).hasSize(1);
  }

  @Test
  void everyFlippedBitOfAChunkIsNoticed() throws Exception {
    byte[] block = run.sealer().chunk(name, content(90, true), 0, 90);
    everyFlipIsNoticed(block, () -> Opened.chunk(opener, name, block));
  }

  @Test
  void everyFlippedBitOfAPageIsNoticed() throws Exception {
    byte[] block = run.sealer().pair(BlockClass.PAGE, name, content(40, false), content(50, false));
    everyFlipIsNoticed(block, () -> opener.pair(BlockClass.PAGE, name, block));
  }

  @Test
  void everyCutOrLongerBlockIsNoticed() throws Exception {
    byte[] chunk = run.sealer().chunk(name, content(90, true), 0, 90);
    byte[] page = run.sealer().pair(BlockClass.PAGE, name, content(40, false), content(50, false));
    for (int length = 0; length < chunk.length; length++) {
      byte[] cut = Arrays.copyOf(chunk, length);
      assertThatThrownBy(() -> Opened.chunk(opener, name, cut))
          .isInstanceOf(CorruptException.class);
    }
    for (int length = 0; length < page.length; length++) {
      byte[] cut = Arrays.copyOf(page, length);
      assertThatThrownBy(() -> opener.pair(BlockClass.PAGE, name, cut))
          .isInstanceOf(CorruptException.class);
    }
    byte[] longer = Arrays.copyOf(chunk, chunk.length + 1);
    assertThatThrownBy(() -> Opened.chunk(opener, name, longer))
        .isInstanceOf(CorruptException.class);
  }

  /// A run block has 18,832 bits and opening one takes a millisecond: all bits of the header, of
  /// both sealed keys and of the curve's points, and every 61st of the lattice's.
  @Test
  void flippedBitsOfARunBlockAreNoticed() throws Exception {
    byte[] block = run.block();
    for (int bit = 0; bit < block.length * 8; bit++) {
      int inEnvelope = (bit / 8 - 18) % 1168;
      boolean lattice = bit / 8 >= 18 && inEnvelope < 1088;
      if (lattice && bit % 61 != 0) {
        continue;
      }
      block[bit / 8] ^= (byte) (1 << bit % 8);
      try (Opener fresh = new Opener(KEYS.read())) {
        assertThatThrownBy(() -> fresh.learn(run.blockName(), block))
            .as("bit %d", bit)
            .isInstanceOf(CorruptException.class);
        assertThat(fresh.knows(run.id())).isFalse();
      }
      block[bit / 8] ^= (byte) (1 << bit % 8);
    }
    opener.learn(run.blockName(), block);
  }

  @Test
  void aBlockOpensUnderItsOwnNameAndPlaceOnly() throws Exception {
    byte[] chunk = run.sealer().chunk(name, content(90, true), 0, 90);
    BlockName other = BlockName.random(random);
    assertThatThrownBy(() -> Opened.chunk(opener, other, chunk))
        .isInstanceOf(CorruptException.class);
    byte[] page = run.sealer().pair(BlockClass.PAGE, name, content(40, false), content(40, false));
    assertThatThrownBy(() -> opener.pair(BlockClass.ROOT, name, page))
        .isInstanceOf(CorruptException.class);
    int first = ByteBuffer.wrap(page).getInt();
    byte[] swapped =
        ByteBuffer.allocate(page.length)
            .putInt(page.length - 4 - first)
            .put(page, 4 + first, page.length - 4 - first)
            .put(page, 4, first)
            .array();
    assertThatThrownBy(() -> opener.pair(BlockClass.PAGE, name, swapped))
        .isInstanceOf(CorruptException.class);
  }

  @Test
  void countersNeverRepeatAcrossThreads() throws Exception {
    Set<Long> counters = new HashSet<>();
    List<Future<List<byte[]>>> results = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int t = 0; t < 8; t++) {
        results.add(
            threads.submit(() -> {
              List<byte[]> blocks = new ArrayList<>();
              for (int i = 0; i < 50; i++) {
                blocks.add(run.sealer().chunk(name, new byte[] {(byte) i}, 0, 1));
                blocks.add(run.sealer().pair(BlockClass.PAGE, name, new byte[0], new byte[] {1}));
              }
              return blocks;
            }));
      }
    }
    for (Future<List<byte[]>> result : results) {
      for (int i = 0; i < 100; i += 2) {
        byte[] chunk = result.get().get(i);
        assertThat(Opened.chunk(opener, name, chunk)).containsExactly(i / 2);
        counters.add(PartHeader.decode(chunk, 0, chunk.length).counter());
        byte[] page = result.get().get(i + 1);
        counters.add(PartHeader.decode(page, 4, page.length).counter());
        int split = 4 + ByteBuffer.wrap(page).getInt();
        counters.add(PartHeader.decode(page, split, page.length).counter());
      }
    }
    assertThat(counters).hasSize(8 * 50 * 3);
  }

  @Test
  void runsShareNoKeyAndNoId() throws Exception {
    try (Run second = Run.start(KEYS.write(), random, 3)) {
      assertThat(second.id()).isNotEqualTo(run.id());
      byte[] mine = run.sealer().chunk(name, new byte[100], 0, 100);
      byte[] theirs = second.sealer().chunk(name, new byte[100], 0, 100);
      assertThat(Arrays.copyOfRange(mine, 27, mine.length))
          .isNotEqualTo(Arrays.copyOfRange(theirs, 27, theirs.length));
      assertThatThrownBy(() -> Opened.chunk(opener, name, theirs))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining(second.blockName().toString());
      assertThat(opener.knows(Opener.runOf(BlockClass.CHUNK, ByteBuffer.wrap(theirs)))).isFalse();
      assertThatThrownBy(() -> opener.learn(run.blockName(), second.block()))
          .isInstanceOf(CorruptException.class);
    }
  }

  @Test
  void tidyOpensReferencesOnly() throws Exception {
    byte[] page = run.sealer().pair(BlockClass.ROOT, name, new byte[] {7}, new byte[] {8});
    byte[] chunk = run.sealer().chunk(name, new byte[] {9}, 0, 1);
    try (Opener tidy = new Opener(KEYS.derive(EnumSet.of(Right.TIDY)).tidy())) {
      tidy.learn(run.blockName(), run.block());
      assertThat(tidy.references(BlockClass.ROOT, name, page)).containsExactly(7);
      assertThatThrownBy(() -> tidy.pair(BlockClass.ROOT, name, page))
          .isInstanceOf(RefusedException.class);
      assertThatThrownBy(() -> Opened.chunk(tidy, name, chunk))
          .isInstanceOf(RefusedException.class);
    }
  }

  /// The private halves are the only way to a run's keys, and the write right's encoding holds
  /// none.
  @Test
  void whoWritesCannotRead() throws Exception {
    MachineKeys write = KEYS.derive(EnumSet.of(Right.WRITE));
    assertThatThrownBy(write::read).isInstanceOf(RefusedException.class);
    assertThatThrownBy(write::tidy).isInstanceOf(RefusedException.class);
    String encoded = hex(new KeyMaterial(write, java.util.Optional.empty()).encode());
    for (HybridPrivateKey key : List.of(KEYS.read().content(), KEYS.read().reference())) {
      String secret = key.bytes().toString();
      assertThat(encoded).doesNotContain(secret.substring(0, 64), secret.substring(64, 128));
      assertThat(encoded).doesNotContain(secret.substring(128));
      assertThat(encoded).contains(key.publicKey().bytes().toString());
    }
    for (var component : WriteKeys.class.getRecordComponents()) {
      assertThat(component.getType().getName()).isNotEqualTo(HybridPrivateKey.class.getName());
    }
  }

  @Test
  void anotherMachineOpensNothing() {
    MachineKeys others = MachineKeys.random(new TestRandom(99));
    assertThatThrownBy(
            () -> {
              try (Opener other = new Opener(others.read())) {
                other.learn(run.blockName(), run.block());
              }
            })
        .isInstanceOf(CorruptException.class);
  }

  @Test
  void theRunUsedLongestAgoIsForgottenAndCanBeLearnedAgain() throws Exception {
    byte[] chunk = run.sealer().chunk(name, new byte[] {9}, 0, 1);
    try (Run second = Run.start(KEYS.write(), random, 3);
        Run third = Run.start(KEYS.write(), random, 3);
        Opener two = new Opener(KEYS.read().reference(), KEYS.read().content(), 2)) {
      two.learn(run.blockName(), run.block());
      two.learn(second.blockName(), second.block());
      assertThat(Opened.chunk(two, name, chunk)).containsExactly(9);
      two.learn(third.blockName(), third.block());
      assertThat(two.knows(run.id())).isTrue();
      assertThat(two.knows(second.id())).isFalse();
      assertThat(two.knows(third.id())).isTrue();
      two.learn(second.blockName(), second.block());
      assertThatThrownBy(() -> Opened.chunk(two, name, chunk))
          .isInstanceOf(UnavailableException.class);
      two.learn(run.blockName(), run.block());
      assertThat(Opened.chunk(two, name, chunk)).containsExactly(9);
    }
  }

  @Test
  void aStatedLengthOutOfBoundsIsRefusedBeforeMemoryIsTaken() {
    byte[] plain = new byte[9 + 12];
    ByteBuffer.wrap(plain).put((byte) 1).putInt(Integer.MAX_VALUE).putInt(12);
    try (Unpacker unpacker = new Unpacker()) {
      assertThatThrownBy(() -> unpacker.unpack(plain, plain.length, 1 << 20))
          .isInstanceOf(CorruptException.class);
    }
  }

  @Test
  void compressionSavesWhereItCan() {
    byte[] text = content(100_000, true);
    assertThat(run.sealer().chunk(name, text, 0, text.length).length).isLessThan(20_000);
    byte[] noise = content(100_000, false);
    assertThat(run.sealer().chunk(name, noise, 0, noise.length).length)
        .isEqualTo(Padme.pad(Packer.AROUND + Packer.PREFIX + 100_000));
  }

  private static void everyFlipIsNoticed(byte[] block, ThrowingCallable open) {
    for (int bit = 0; bit < block.length * 8; bit++) {
      block[bit / 8] ^= (byte) (1 << bit % 8);
      assertThatThrownBy(open)
          .as("bit %d", bit)
          // A flipped run id is a run that nobody knows.
          .isInstanceOfAny(CorruptException.class, UnavailableException.class);
      block[bit / 8] ^= (byte) (1 << bit % 8);
    }
  }

  private byte[] content(int length, boolean compressible) {
    byte[] content = new byte[length];
    if (!compressible) {
      data.nextBytes(content);
      return content;
    }
    for (int i = 0; i < length; i++) {
      content[i] = (byte) "the quick brown fox ".charAt((i + data.nextInt(50) / 49) % 20);
    }
    return content;
  }

  private static String hex(byte[] bytes) {
    return java.util.HexFormat.of().formatHex(bytes);
  }
}
