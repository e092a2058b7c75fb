package org.holdfast.client.backup;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.Optional;
import org.holdfast.client.archive.ListReader;
import org.holdfast.core.BlockClass;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;

/// Sends pages again that are damaged at the server, as far as the lists in the cache have them:
/// those of the last archives, which need not be pages of the next one. Without state.
final class LostPages {
  private LostPages() {}

  static void send(BackupCache cache, Bytes paths, LostBlocks lost, BlockStore blocks)
      throws HoldfastException, IOException {
    if (!lost.hasPages()) {
      return;
    }
    for (BackupCache.OldList list : cache.lists(paths)) {
      try (FileChannel channel = list.open()) {
        Optional<ListReader> reader = read(channel);
        if (reader.isPresent()) {
          send(reader.get(), lost, blocks);
        }
      }
    }
  }

  private static void send(ListReader list, LostBlocks lost, BlockStore blocks)
      throws HoldfastException, IOException {
    for (Optional<ListReader.ListedPage> page = next(list); page.isPresent(); page = next(list)) {
      Bytes references = page.get().references();
      Bytes content = page.get().content();
      if (lost.contains(BlockClass.PAGE, blocks.pageName(references, content))) {
        blocks.pair(BlockClass.PAGE, references, content);
      }
    }
  }

  /// A list that is damaged is as good as none.
  private static Optional<ListReader> read(FileChannel channel) throws IOException {
    try {
      return Optional.of(new ListReader(channel));
    } catch (CorruptException e) {
      return Optional.empty();
    }
  }

  private static Optional<ListReader.ListedPage> next(ListReader list) throws IOException {
    try {
      return list.next();
    } catch (CorruptException e) {
      return Optional.empty();
    }
  }
}
