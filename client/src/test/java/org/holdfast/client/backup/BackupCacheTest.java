package org.holdfast.client.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.holdfast.client.archive.ListWriter;
import org.holdfast.client.archive.SeenArchive;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.MachineId;
import org.holdfast.core.TransactionId;
import org.holdfast.protocol.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BackupCacheTest {
  private static final TransactionId TRANSACTION = new TransactionId(Bytes.wrap(filled(16)));
  private static final MachineId MACHINE = new MachineId(Bytes.wrap(filled(16)));
  private static final BlockName ROOT = BlockName.of(filled(32));

  @TempDir Path folder;

  @Test
  void aCommitCutShortIsRememberedAndDoneAgain() throws Exception {
    try (BackupCache cache = BackupCache.open(folder)) {
      try (FileChannel next = cache.next(TRANSACTION)) {
        new ListWriter(next, MACHINE, TRANSACTION, Bytes.wrap(filled(32)), 1).finish(ROOT, 7);
      }
      Path inTheWay = Files.createDirectory(folder.resolve("list-" + TRANSACTION));
      assertThatThrownBy(() -> cache.committed(TRANSACTION)).isInstanceOf(IOException.class);
      Files.delete(inTheWay);
      assertThat(SeenArchive.read(folder))
          .hasValueSatisfying(seen -> assertThat(seen.sequence()).isEqualTo(7))
          .hasValueSatisfying(seen -> assertThat(seen.root()).isEqualTo(ROOT));
      Message.StateReply state = new Message.StateReply(TRANSACTION, null, 7, ROOT, 1, 1);
      assertThat(cache.settle(state)).isEqualTo(Optional.empty());
      assertThat(cache.lists(Bytes.wrap(filled(32)))).hasSize(1);
    }
  }

  private static byte[] filled(int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) 7);
    return bytes;
  }
}
