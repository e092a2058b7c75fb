package org.holdfast.seal;

import static org.assertj.core.api.Assertions.assertThat;

import org.holdfast.core.BlockClass;
import org.holdfast.core.Bytes;
import org.junit.jupiter.api.Test;

final class BlockNamerTest {
  private final BlockNamer namer = new BlockNamer(Bytes.wrap(new byte[32]));

  @Test
  void namesAreHmacsOverClassAndContent() {
    byte[] message = {1, 10, 20, 30};
    byte[] expected = Digests.hmac(new byte[32]).doFinal(message);
    assertThat(namer.chunk(new byte[] {0, 10, 20, 30, 0}, 1, 4).bytes().toArray())
        .isEqualTo(expected);
    byte[] page = {2, 0, 0, 0, 1, 10, 20, 30};
    assertThat(namer.pair(BlockClass.PAGE, new byte[] {10}, new byte[] {20, 30}).bytes().toArray())
        .isEqualTo(Digests.hmac(new byte[32]).doFinal(page));
  }

  @Test
  void classKeyAndSplitMakeADifference() {
    byte[] content = {1, 2, 3};
    var page = namer.pair(BlockClass.PAGE, content, content);
    assertThat(namer.pair(BlockClass.ROOT, content, content)).isNotEqualTo(page);
    assertThat(namer.pair(BlockClass.PAGE, new byte[] {1, 2}, new byte[] {3, 1, 2, 3}))
        .isNotEqualTo(page);
    byte[] otherKey = new byte[32];
    otherKey[31] = 1;
    assertThat(new BlockNamer(Bytes.wrap(otherKey)).chunk(content, 0, 3))
        .isNotEqualTo(namer.chunk(content, 0, 3));
  }
}
