package org.holdfast.seal;

import java.nio.ByteBuffer;
import org.holdfast.core.BlockName;
import org.holdfast.core.HoldfastException;

/// Chunks that were opened, for tests that keep them.
final class Opened {
  private Opened() {}

  static byte[] chunk(Opener opener, BlockName name, byte[] block) throws HoldfastException {
    byte[][] kept = new byte[1][];
    opener.chunk(name, ByteBuffer.wrap(block), content -> kept[0] = array(content));
    return kept[0];
  }

  static byte[] array(ByteBuffer bytes) {
    byte[] array = new byte[bytes.remaining()];
    bytes.get(array);
    return array;
  }
}
