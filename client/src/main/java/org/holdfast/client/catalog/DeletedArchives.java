package org.holdfast.client.catalog;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.holdfast.core.BlockName;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Session;

/// The archives of a machine that are deleted and can still be brought back, by number. All of it
/// is the server's word: their roots cannot be fetched.
public record DeletedArchives(List<Message.DeletedArchive> archives) {
  /// A bound on what one machine can have, against a server that never comes to an end.
  private static final int ARCHIVES_MAX = 1_000_000;

  public DeletedArchives {
    archives =
        archives.stream()
            .sorted(Comparator.comparingLong(each -> each.archive().sequence()))
            .toList();
  }

  /// Asks the server. Needs the right to read, tidy or nuke.
  public static DeletedArchives of(Session session, MachineId machine) throws HoldfastException {
    List<Message.DeletedArchive> all = new ArrayList<>();
    Set<BlockName> known = new HashSet<>();
    BlockName after = null;
    while (true) {
      Message.DeletedReply page = session.deletedPage(machine, after, Message.MAX_ARCHIVES);
      for (Message.DeletedArchive each : page.archives()) {
        if (!known.add(each.archive().root()) || known.size() > ARCHIVES_MAX) {
          throw new CorruptException(
              "the server "
                  + session.peer()
                  + " lists deleted archives without end: tell its operator");
        }
        all.add(each);
      }
      if (!page.more()) {
        return new DeletedArchives(all);
      }
      after = all.getLast().archive().root();
    }
  }

  /// Without those that are shown: they were brought back, or deleted, between two questions.
  DeletedArchives without(List<Message.Archive> shown) {
    Set<BlockName> roots = new HashSet<>();
    shown.forEach(each -> roots.add(each.root()));
    return new DeletedArchives(
        archives.stream().filter(each -> !roots.contains(each.archive().root())).toList());
  }

  /// The one of that root.
  public Optional<Message.DeletedArchive> find(BlockName root) {
    return archives.stream().filter(each -> each.archive().root().equals(root)).findFirst();
  }
}
