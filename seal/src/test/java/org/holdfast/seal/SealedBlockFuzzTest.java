package org.holdfast.seal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.FuzzContract;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.UnavailableException;

/// A sealed block as a server hands it out, behind a byte that says what was asked for. Only what
/// was sealed opens: a block with any bit changed is refused, or is of a run that is not known.
final class SealedBlockFuzzTest extends FuzzContract {
  private static final BlockName NAME = BlockName.of(new byte[32]);

  private final List<byte[]> seeds;
  private final BlockName runName;
  private final Opener opener;

  SealedBlockFuzzTest() throws Exception {
    byte[] run = hex("run-block.hex");
    runName = new RunId(Bytes.copyOf(run, 2, 18)).blockName();
    opener = new Opener(MachineKeys.random(new TestRandom(20)).read());
    opener.learn(runName, run);
    seeds =
        List.of(
            seed(BlockClass.CHUNK, hex("chunk.hex")),
            seed(BlockClass.CHUNK, hex("chunk-zstd.hex")),
            seed(BlockClass.PAGE, hex("page.hex")),
            seed(BlockClass.RUN, run));
  }

  @Override
  protected List<byte[]> seeds() {
    return seeds;
  }

  @Override
  protected Class<? extends HoldfastException> refusal() {
    return HoldfastException.class;
  }

  /// A RUN block costs two key agreements.
  @Override
  protected int rounds() {
    return 1_000;
  }

  @Override
  protected void parse(byte[] input) throws Exception {
    if (input.length == 0) {
      throw new CorruptException("nothing was asked for");
    }
    byte[] block = Arrays.copyOfRange(input, 1, input.length);
    BlockClass kind = BlockClass.of(input[0]);
    try {
      open(kind, block);
      assertThat(seeds).as("what opens is what was sealed").contains(input);
    } catch (UnavailableException e) {
      assertThat(opener.knows(Opener.runOf(kind, ByteBuffer.wrap(block)))).isFalse();
    }
  }

  private void open(BlockClass kind, byte[] block) throws HoldfastException {
    switch (kind) {
      case CHUNK -> Opened.chunk(opener, NAME, block);
      case PAGE, ROOT -> opener.pair(kind, NAME, block);
      case RUN -> opener.learn(runName, block);
    }
  }

  private static byte[] seed(BlockClass kind, byte[] block) {
    byte[] seed = new byte[1 + block.length];
    seed[0] = (byte) kind.code();
    System.arraycopy(block, 0, seed, 1, block.length);
    return seed;
  }

  private static byte[] hex(String name) throws Exception {
    String text = Resources.text("golden/" + name);
    return HexFormat.of().parseHex(text.lines().collect(Collectors.joining()));
  }
}
