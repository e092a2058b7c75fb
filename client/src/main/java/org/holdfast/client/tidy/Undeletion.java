package org.holdfast.client.tidy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.holdfast.client.catalog.DeletedArchives;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.RefusedException;
import org.holdfast.core.TransactionId;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Session;

/// Brings deleted archives back.
///
/// The server undoes a deletion as a whole, and with it all that came after it: an archive may
/// share blocks with one that was deleted later, and those went with the later one. So every
/// archive that is shown again has all of its blocks.
public final class Undeletion {
  private static final int ID_DIGITS_MIN = 4;

  private final Session session;
  private final MachineId machine;

  /// The session has proven a right to tidy or nuke.
  public Undeletion(Session session, MachineId machine) {
    this.session = session;
    this.machine = machine;
  }

  /// What can be brought back, deletion by deletion, the newest last.
  public List<Deleted> list() throws HoldfastException {
    Map<TransactionId, List<Message.DeletedArchive>> all = new LinkedHashMap<>();
    for (Message.DeletedArchive each : DeletedArchives.of(session, machine).archives()) {
      all.computeIfAbsent(each.deletion(), _ -> new ArrayList<>()).add(each);
    }
    return all.values().stream()
        .map(Deleted::new)
        .sorted(Comparator.comparingLong(Deleted::deletedMillis))
        .toList();
  }

  /// The deletion of the archive with that id, and those that are undone with it: at least one, the
  /// first one first.
  public List<Deleted> choose(String id) throws HoldfastException {
    List<Deleted> all = list();
    String start = id.toLowerCase(Locale.ROOT);
    List<Deleted> found = all.stream().filter(each -> each.has(start)).toList();
    if (start.length() < ID_DIGITS_MIN || found.isEmpty()) {
      throw new RefusedException(
          "no deleted archive has an id that begins with "
              + id
              + " (4 or more digits): `holdfast undelete --list` lists those that can be brought"
              + " back");
    }
    if (found.size() > 1) {
      throw new RefusedException(
          "archives of several deletions have ids that begin with "
              + id
              + ": give more of it ("
              + found.stream().map(each -> each.id(start)).collect(Collectors.joining(", "))
              + ")");
    }
    long fromMillis = found.getFirst().deletedMillis();
    return Stream.concat(
            Stream.of(found.getFirst()),
            all.stream()
                .filter(each -> each.deletedMillis() >= fromMillis)
                .filter(each -> !each.equals(found.getFirst())))
        .toList();
  }

  /// Undoes a deletion and those after it.
  public void undo(Deleted deletion) throws HoldfastException {
    session.undelete(machine, deletion.transaction());
  }

  /// One deletion, by the archives that it hides; at least one.
  public record Deleted(List<Message.DeletedArchive> archives) {
    public Deleted {
      archives = List.copyOf(archives);
    }

    public TransactionId transaction() {
      return archives.getFirst().deletion();
    }

    public long deletedMillis() {
      return archives.getFirst().deletedMillis();
    }

    public long untilMillis() {
      return archives.getFirst().untilMillis();
    }

    private boolean has(String start) {
      return archives.stream().anyMatch(each -> each.archive().root().toString().startsWith(start));
    }

    private String id(String start) {
      return archives.stream()
          .map(each -> each.archive().root().toString())
          .filter(each -> each.startsWith(start))
          .findFirst()
          .orElseThrow()
          .substring(0, 12);
    }
  }
}
