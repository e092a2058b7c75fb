package org.holdfast.client.backup;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.holdfast.client.archive.Extent;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.RefusedException;
import org.holdfast.core.TransactionId;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Session;

/// Blocks of this machine that are damaged at the server. What a backup needs of them it makes
/// again: the server answers that it does not have them, and files that need them are read, changed
/// or not.
///
/// Does not change. Any thread.
final class LostBlocks {
  private final Set<BlockRef> blocks;
  private final boolean more;

  private LostBlocks(Message.DamagedReply reply) {
    this.blocks = new HashSet<>(reply.blocks());
    this.more = reply.more();
  }

  /// Asks the server. What is damaged later it does not let the transaction commit.
  static LostBlocks ask(Session session, MachineId machine, TransactionId transaction)
      throws HoldfastException {
    return new LostBlocks(session.damaged(machine, transaction));
  }

  /// Whether keys are among them, without which nobody can tell what can be opened.
  boolean hasKeys() {
    return blocks.stream().anyMatch(block -> block.blockClass() == BlockClass.RUN);
  }

  void checkKeys() throws RefusedException {
    if (hasKeys()) {
      throw new RefusedException(
          "keys of an earlier backup of this machine are damaged at the server, and nobody can make"
              + " them again: whoever runs the service has to restore the object from a copy of the"
              + " bucket (docs/operations.md, \"Blocks that are damaged\")");
    }
  }

  boolean isEmpty() {
    return blocks.isEmpty();
  }

  /// Whether there are others that it cannot name.
  boolean hasMore() {
    return more;
  }

  boolean hasPages() {
    return blocks.stream().anyMatch(block -> block.blockClass() == BlockClass.PAGE);
  }

  int count() {
    return blocks.size();
  }

  boolean contains(BlockClass blockClass, BlockName name) {
    return blocks.contains(new BlockRef(blockClass, name));
  }

  /// Whether content that lies so cannot be read again.
  boolean isNeededBy(List<Extent> extents) {
    return !blocks.isEmpty()
        && extents.stream()
            .anyMatch(extent ->
                extent instanceof Extent.Piece piece && contains(BlockClass.CHUNK, piece.chunk()));
  }
}
