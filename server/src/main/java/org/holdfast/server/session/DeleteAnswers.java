package org.holdfast.server.session;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.function.BooleanSupplier;
import org.holdfast.core.BlockName;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.protocol.Message;
import org.holdfast.server.shard.DeleteService;
import org.holdfast.server.state.DeletionRow;
import org.holdfast.server.state.DurableState.DeletedArchive;

/// Answers the messages that delete, of a session that has the right. Any thread.
final class DeleteAnswers {
  private final DeleteService deletes;

  DeleteAnswers(DeleteService deletes) {
    this.deletes = deletes;
  }

  /// Where `gone` says so, nobody waits for the answer any more.
  Message answer(Message.Deleting request, BooleanSupplier gone) throws HoldfastException {
    return switch (request) {
      case Message.BeginDelete begin -> new Message.Begun(deletes.begin(begin));
      case Message.Delete delete -> {
        deletes.delete(delete, gone);
        yield new Message.Done();
      }
      case Message.DeleteAll all -> {
        deletes.deleteAll(all, gone);
        yield new Message.Done();
      }
      case Message.CommitDelete commit -> new Message.Deletion(deletes.commit(commit));
      case Message.CancelDelete cancel -> {
        deletes.cancel(cancel);
        yield new Message.Done();
      }
      case Message.Undelete undelete -> {
        deletes.undelete(undelete);
        yield new Message.Done();
      }
      case Message.Deleted deleted -> page(deletes.deleted(deleted), deleted.limit());
      case Message.Deletions made -> list(deletes.deletions(made), made.limit());
      case Message.Deletion _, Message.DeletedReply _, Message.DeletionsReply _ ->
          throw new RefusedException("this is nothing that a client may send here");
    };
  }

  /// `found` is one more than the client wants, if there are as many.
  private static Message page(SortedMap<BlockName, DeletedArchive> found, int limit) {
    List<Message.DeletedArchive> page = new ArrayList<>();
    for (var each : found.entrySet()) {
      if (page.size() == limit) {
        return new Message.DeletedReply(true, page);
      }
      DeletionRow deletion = each.getValue().deletion();
      page.add(
          new Message.DeletedArchive(
              Answers.archive(each.getKey(), each.getValue().archive()),
              deletion.id(),
              deletion.timeMillis(),
              deletion.untilMillis()));
    }
    return new Message.DeletedReply(false, page);
  }

  /// `found` is one more than the client wants, if there are as many.
  private static Message list(SortedMap<Long, DeletionRow> found, int limit) {
    List<Message.MadeDeletion> page =
        found.entrySet().stream()
            .limit(limit)
            .map(each -> made(each.getKey(), each.getValue()))
            .toList();
    return new Message.DeletionsReply(found.size() > limit, page);
  }

  private static Message.MadeDeletion made(long number, DeletionRow row) {
    return new Message.MadeDeletion(
        number, row.id(), row.timeMillis(), row.untilMillis(), row.blocks());
  }
}
