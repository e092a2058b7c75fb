package org.holdfast.protocol;

import static org.holdfast.protocol.Fields.archive;
import static org.holdfast.protocol.Fields.bytes;
import static org.holdfast.protocol.Fields.machine;
import static org.holdfast.protocol.Fields.optionalName;
import static org.holdfast.protocol.Fields.optionalTransaction;
import static org.holdfast.protocol.Fields.transaction;
import static org.holdfast.protocol.Fields.writeTransaction;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.core.BlockName;
import org.holdfast.core.CorruptException;
import org.holdfast.core.TransactionId;

/// The payloads of the messages that delete. As strict as [MessageCodec], which calls it.
///
/// Without state: any thread.
final class DeleteCodec {
  private DeleteCodec() {}

  static void write(PayloadWriter to, Message.Deleting message) {
    switch (message) {
      case Message.BeginDelete m -> {
        writeTransaction(to, m.machine(), m.transaction());
        to.optional(bytes(m.predecessor()), TransactionId.LENGTH).flag(m.overWrite());
      }
      case Message.Delete m -> {
        writeTransaction(to, m.machine(), m.transaction());
        Fields.writeNames(to, m.blockClass(), m.names());
      }
      case Message.DeleteAll m -> writeTransaction(to, m.machine(), m.transaction());
      case Message.CommitDelete m -> writeTransaction(to, m.machine(), m.transaction());
      case Message.Deletion m -> to.u64(m.untilMillis());
      case Message.CancelDelete m -> writeTransaction(to, m.machine(), m.transaction());
      case Message.Undelete m -> writeTransaction(to, m.machine(), m.transaction());
      case Message.Deleted m ->
          to.bytes(m.machine().bytes()).optional(bytes(m.after()), BlockName.LENGTH).u16(m.limit());
      case Message.DeletedReply m -> writeDeleted(to, m);
      case Message.Deletions m -> to.bytes(m.machine().bytes()).u64(m.after()).u16(m.limit());
      case Message.DeletionsReply m -> writeDeletions(to, m);
    }
  }

  static Message.BeginDelete readBegin(PayloadReader from) throws CorruptException {
    return new Message.BeginDelete(
        machine(from), transaction(from), optionalTransaction(from), from.flag());
  }

  static Message.Delete readDelete(PayloadReader from) throws CorruptException {
    return new Message.Delete(
        machine(from), transaction(from), Fields.blockClass(from), Fields.names(from));
  }

  static Message.Deleted readAsked(PayloadReader from) throws CorruptException {
    return new Message.Deleted(
        machine(from), optionalName(from), from.count(1, Message.MAX_ARCHIVES));
  }

  static Message.DeletedReply readDeleted(PayloadReader from) throws CorruptException {
    boolean more = from.flag();
    int count = from.count(more ? 1 : 0, Message.MAX_ARCHIVES);
    List<Message.DeletedArchive> archives = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      archives.add(
          new Message.DeletedArchive(archive(from), transaction(from), from.u64(), from.u64()));
    }
    return new Message.DeletedReply(more, archives);
  }

  static Message.Deletions readAskedDeletions(PayloadReader from) throws CorruptException {
    return new Message.Deletions(machine(from), from.u64(), from.count(1, Message.MAX_ARCHIVES));
  }

  static Message.DeletionsReply readDeletions(PayloadReader from) throws CorruptException {
    boolean more = from.flag();
    int count = from.count(more ? 1 : 0, Message.MAX_ARCHIVES);
    List<Message.MadeDeletion> deletions = new ArrayList<>(count);
    long last = 0;
    for (int i = 0; i < count; i++) {
      long number = from.u64();
      from.require(number > last, "the numbers of deletions do not rise");
      last = number;
      deletions.add(
          new Message.MadeDeletion(number, transaction(from), from.u64(), from.u64(), from.u64()));
    }
    return new Message.DeletionsReply(more, deletions);
  }

  private static void writeDeletions(PayloadWriter to, Message.DeletionsReply m) {
    to.flag(m.more()).u16(m.deletions().size());
    for (Message.MadeDeletion each : m.deletions()) {
      to.u64(each.number()).present(each.transaction().bytes());
      to.u64(each.deletedMillis()).u64(each.untilMillis()).u64(each.blocks());
    }
  }

  private static void writeDeleted(PayloadWriter to, Message.DeletedReply m) {
    to.flag(m.more()).u16(m.archives().size());
    for (Message.DeletedArchive each : m.archives()) {
      Fields.writeArchive(to, each.archive());
      to.present(each.deletion().bytes()).u64(each.deletedMillis()).u64(each.untilMillis());
    }
  }
}
