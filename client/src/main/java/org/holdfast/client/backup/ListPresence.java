package org.holdfast.client.backup;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.holdfast.client.archive.ListReader;
import org.holdfast.client.archive.PageReferences;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.TransactionId;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Session;

/// Whether the server still has what a list of the cache names, asked within a transaction: while
/// that is open nobody else can take anything away without ending it.
///
/// One thread.
final class ListPresence {
  private final Session session;
  private final MachineId machine;
  private final TransactionId transaction;
  private final LostBlocks lost;

  /// What is damaged counts as there: it is made again.
  ListPresence(Session session, MachineId machine, TransactionId transaction, LostBlocks lost) {
    this.session = session;
    this.machine = machine;
    this.transaction = transaction;
    this.lost = lost;
  }

  /// The root alone. Who deletes as Holdfast does leaves no root that lacks something.
  boolean hasRoot(BlockName root) throws HoldfastException {
    return has(BlockClass.ROOT, List.of(root));
  }

  /// The root and every chunk: somebody else may have deleted chunks and left the root, so that
  /// nothing would show before a restore. That is 32 bytes sent for each chunk. Pages are not asked
  /// for here, as a backup asks for each page that it makes.
  boolean hasAll(BackupCache.OldList list) throws HoldfastException, IOException {
    if (!hasRoot(list.root())) {
      return false;
    }
    try (FileChannel channel = list.open()) {
      ListReader reader = new ListReader(channel);
      List<BlockName> chunks = new ArrayList<>();
      for (Optional<ListReader.ListedPage> page = reader.next();
          page.isPresent();
          page = reader.next()) {
        for (BlockName chunk : PageReferences.decode(page.get().references())) {
          chunks.add(chunk);
          if (chunks.size() == Message.MAX_NAMES) {
            if (!has(BlockClass.CHUNK, chunks)) {
              return false;
            }
            chunks.clear();
          }
        }
      }
      return chunks.isEmpty() || has(BlockClass.CHUNK, chunks);
    } catch (CorruptException e) {
      return false;
    }
  }

  private boolean has(BlockClass blockClass, List<BlockName> names) throws HoldfastException {
    BitSet there = session.has(machine, transaction, blockClass, names);
    for (int i = there.nextClearBit(0); i < names.size(); i = there.nextClearBit(i + 1)) {
      if (!lost.contains(blockClass, names.get(i))) {
        return false;
      }
    }
    return true;
  }
}
