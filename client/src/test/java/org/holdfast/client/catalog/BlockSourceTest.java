package org.holdfast.client.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.seal.Opener;
import org.junit.jupiter.api.Test;

final class BlockSourceTest {
  @Test
  void blocksOfMoreRunsThanAreRememberedAllOpen() throws Exception {
    int runs = Opener.RUNS_MAX + 100;
    assertAllOpen(runs, 1, 100);
  }

  @Test
  void whatCannotBeHeldUntilItsKeysComeIsFetchedAgain() throws Exception {
    // The keys of the first run come before most of its chunks, those of the second do not.
    assertAllOpen(2, (int) (BlockSource.HELD_BYTES_MAX >> 20) + 8, 1 << 20);
  }

  /// Else those that cannot be held meanwhile would come twice.
  @Test
  void keysAreAskedForBeforeMostOfTheChunks() throws Exception {
    int chunks = (int) (BlockSource.HELD_BYTES_MAX >> 20) + 8;
    try (ArchiveService service = new ArchiveService()) {
      assertAllOpen(service, 1, chunks, 1 << 20);
      assertThat(service.fetchedBlocks(BlockClass.CHUNK)).isEqualTo(chunks);
    }
  }

  @Test
  void moreBlocksThanOneRequestCanNameAllCome() throws Exception {
    assertAllOpen(1, 5_000, 10);
  }

  private static void assertAllOpen(int runs, int chunksEach, int bytesEach) throws Exception {
    try (ArchiveService service = new ArchiveService()) {
      assertAllOpen(service, runs, chunksEach, bytesEach);
    }
  }

  private static void assertAllOpen(ArchiveService service, int runs, int chunksEach, int bytesEach)
      throws Exception {
    List<BlockName> names = new ArrayList<>();
    Random random = new Random(4);
    byte[] content = new byte[bytesEach];
    for (int i = 0; i < runs; i++) {
      try (ArchiveMaker maker = new ArchiveMaker(service)) {
        for (int chunk = 0; chunk < chunksEach; chunk++) {
          random.nextBytes(content);
          names.add(maker.chunk(content, 0, bytesEach));
        }
      }
    }
    BlockName lost = BlockName.of(new byte[32]);
    names.add(lost);
    BitSet opened = new BitSet();
    try (Catalog catalog = Catalog.open(service.session(), service.keyFile())) {
      BlockSource blocks = catalog.blocks();
      blocks.fetch(
          BlockClass.CHUNK,
          names,
          new BlockArrivals<HoldfastException>() {
            @Override
            public void block(int index, ByteBuffer sealed) throws HoldfastException {
              assertThat(opened.get(index)).isFalse();
              blocks.chunk(
                  names.get(index),
                  sealed,
                  chunk -> {
                    assertThat(chunk.remaining()).isEqualTo(bytesEach);
                    opened.set(index);
                  });
            }

            @Override
            public void lost(int index, String reason) throws CorruptException {
              assertThat(names.get(index)).isEqualTo(lost);
            }
          });
    }
    assertThat(opened.cardinality()).isEqualTo(names.size() - 1);
  }
}
