package org.holdfast.server.session;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.zip.CRC32C;
import org.holdfast.core.BlockName;
import org.holdfast.core.HoldfastException;
import org.holdfast.protocol.BlockBytes;
import org.holdfast.protocol.ErrorCode;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.TransactionKind;
import org.holdfast.server.state.ArchiveRow;
import org.holdfast.server.state.MachineRow;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the server knows, in the protocol's words.
final class Answers {
  private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

  private Answers() {}

  static Message state(MachineRow machine) {
    return new Message.StateReply(
        machine.committed().isNone() ? null : machine.committed().id(),
        machine.open().isNone()
            ? null
            : new Message.OpenTransaction(
                machine.deleting() ? TransactionKind.DELETE : TransactionKind.WRITE,
                machine.open().id()),
        machine.sequence(),
        machine.lastRoot().equals(MachineRow.NO_ROOT) ? null : machine.lastRoot(),
        machine.blocks(),
        machine.bytes());
  }

  /// `found` is one more than the client wants, if there are as many.
  static Message archives(SortedMap<BlockName, ArchiveRow> found, int limit) {
    List<Message.Archive> page = new ArrayList<>();
    for (var archive : found.entrySet()) {
      if (page.size() == limit) {
        return new Message.ArchivesReply(true, page);
      }
      page.add(archive(archive.getKey(), archive.getValue()));
    }
    return new Message.ArchivesReply(false, page);
  }

  static Message.Archive archive(BlockName root, ArchiveRow row) {
    return new Message.Archive(root, row.sequence(), row.timeMillis(), row.partial());
  }

  /// What the client is told; a defect of the server is told as such, and logged.
  static Message failure(Throwable failure) {
    if (failure instanceof HoldfastException expected) {
      return Message.Failure.of(expected);
    }
    LOG.error("a request failed in a way that should not be possible", failure);
    return new Message.Failure(
        ErrorCode.UNAVAILABLE, 60_000, "the server has met a defect of its own: tell its operator");
  }

  static int crc(BlockBytes bytes) {
    CRC32C crc = new CRC32C();
    for (ByteBuffer part : bytes.parts()) {
      crc.update(part);
    }
    return (int) crc.getValue();
  }
}
