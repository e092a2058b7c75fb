package org.holdfast.seal;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.crypto.Mac;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.Invariant;

/// Names blocks by their content: HMAC-SHA256 under the name key.
///
/// Equal content has equal names on one machine, and says nothing elsewhere. Safe for several
/// threads at once.
public final class BlockNamer {
  private final byte[] key;
  private final ConcurrentLinkedQueue<Mac> idle = new ConcurrentLinkedQueue<>();

  public BlockNamer(Bytes nameKey) {
    key = nameKey.toArray();
  }

  /// HMAC over class ‖ content.
  public BlockName chunk(byte[] content, int from, int to) {
    Mac mac = take();
    mac.update((byte) BlockClass.CHUNK.code());
    mac.update(content, from, to - from);
    return finish(mac);
  }

  /// For pages and roots: HMAC over class ‖ length of references (4) ‖ references ‖ content.
  public BlockName pair(BlockClass blockClass, byte[] references, byte[] content) {
    Invariant.check(
        PartKeys.holds(blockClass, PartKind.REFERENCES), "pages and roots have two parts");
    Mac mac = take();
    mac.update((byte) blockClass.code());
    mac.update(ByteBuffer.allocate(4).putInt(references.length).array());
    mac.update(references);
    mac.update(content);
    return finish(mac);
  }

  private Mac take() {
    Mac mac = idle.poll();
    return mac == null ? Digests.hmac(key) : mac;
  }

  private BlockName finish(Mac mac) {
    BlockName name = new BlockName(Bytes.wrap(mac.doFinal()));
    idle.offer(mac);
    return name;
  }
}
