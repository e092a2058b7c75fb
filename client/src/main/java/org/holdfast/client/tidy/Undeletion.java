package org.holdfast.client.tidy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.holdfast.client.archive.CacheLock;
import org.holdfast.client.archive.SeenArchive;
import org.holdfast.client.catalog.DeletedArchives;
import org.holdfast.core.ConflictException;
import org.holdfast.core.CorruptException;
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
///
/// A deletion that hides no archive is listed too: only somebody who deletes chunks or pages
/// without their archives makes one, and the archives are hollow until it is undone.
public final class Undeletion {
  private static final int ID_DIGITS_MIN = 4;

  /// A bound on what one machine can have, against a server that never comes to an end.
  private static final int DELETIONS_MAX = 1_000_000;

  private final Session session;
  private final MachineId machine;
  private final Path folder;

  /// The session has proven a right to tidy or nuke; to read is enough for a list. `folder` is this
  /// machine's part of the cache.
  public Undeletion(Session session, MachineId machine, Path folder) {
    this.session = session;
    this.machine = machine;
    this.folder = folder;
  }

  /// What can be brought back, deletion by deletion, the newest last.
  public List<Deleted> list() throws HoldfastException {
    List<Message.MadeDeletion> before = made(session, machine);
    if (before.isEmpty()) {
      return List.of();
    }
    Map<TransactionId, List<Message.DeletedArchive>> archives = new HashMap<>();
    for (Message.DeletedArchive each : DeletedArchives.of(session, machine).archives()) {
      archives.computeIfAbsent(each.deletion(), _ -> new ArrayList<>()).add(each);
    }
    // One that comes or goes meanwhile would seem to hide no archive.
    Set<Message.MadeDeletion> after = new HashSet<>(made(session, machine));
    return before.stream()
        .filter(after::contains)
        .map(each -> new Deleted(each, archives.getOrDefault(each.transaction(), List.of())))
        .toList();
  }

  /// The machine's deletions that can be undone, the newest last.
  static List<Message.MadeDeletion> made(Session session, MachineId machine)
      throws HoldfastException {
    List<Message.MadeDeletion> all = new ArrayList<>();
    while (true) {
      long after = all.isEmpty() ? 0 : all.getLast().number();
      Message.DeletionsReply page = session.deletionsPage(machine, after, Message.MAX_ARCHIVES);
      for (Message.MadeDeletion each : page.deletions()) {
        if (each.number() <= after || all.size() == DELETIONS_MAX) {
          throw new CorruptException(
              "the server " + session.peer() + " lists deletions without end: tell its operator");
        }
        all.add(each);
      }
      if (!page.more()) {
        return all;
      }
    }
  }

  /// The deletion of the archive with that id, and those that are undone with it: at least one, the
  /// first one first.
  public List<Deleted> choose(String id) throws HoldfastException {
    String start = id.toLowerCase(Locale.ROOT);
    return choose(
        id,
        "deleted archive",
        deleted ->
            deleted.archives().stream()
                .map(each -> each.archive().root().toString())
                .filter(each -> each.startsWith(start))
                .findFirst());
  }

  /// As [#choose], by the deletion's own id.
  public List<Deleted> chooseDeletion(String id) throws HoldfastException {
    String start = id.toLowerCase(Locale.ROOT);
    return choose(
        id,
        "deletion",
        deleted ->
            Optional.of(deleted.transaction().toString()).filter(each -> each.startsWith(start)));
  }

  private List<Deleted> choose(String id, String what, Function<Deleted, Optional<String>> match)
      throws HoldfastException {
    List<Deleted> all = list();
    List<Deleted> found = all.stream().filter(each -> match.apply(each).isPresent()).toList();
    if (id.length() < ID_DIGITS_MIN || found.isEmpty()) {
      throw new RefusedException(
          "no "
              + what
              + " has an id that begins with "
              + id
              + " (4 or more digits): `holdfast undelete --list` lists what can be brought back");
    }
    if (found.size() > 1) {
      throw new RefusedException(
          "several deletions are meant by "
              + id
              + ": give more of it ("
              + found.stream()
                  .map(each -> match.apply(each).orElseThrow().substring(0, Deleted.ID_DIGITS))
                  .collect(Collectors.joining(", "))
              + ")");
    }
    long first = found.getFirst().made().number();
    return all.stream().filter(each -> each.made().number() >= first).toList();
  }

  /// Undoes these deletions: the first, and with it those after it. What comes back of this
  /// machine's archives must be shown from then on.
  public void undo(List<Deleted> deletions) throws HoldfastException, IOException {
    session.undelete(machine, deletions.getFirst().transaction());
    try (CacheLock _ = CacheLock.take(folder)) {
      Optional<SeenArchive> seen = SeenArchive.read(folder);
      if (seen.isPresent()) {
        Optional<Message.Archive> back = newestSeen(deletions, seen.get());
        if (back.isPresent()) {
          seen.get().leaving(back.get().sequence(), back.get().root()).write();
        }
      }
    } catch (ConflictException e) {
      // A backup that is at work here will remember its own archive, which is newer.
    }
  }

  /// The newest whole archive that comes back and that this machine has made, if none that is newer
  /// was left: the server's word, which can make this machine expect more, never less.
  private static Optional<Message.Archive> newestSeen(List<Deleted> deletions, SeenArchive seen) {
    return deletions.stream()
        .flatMap(each -> each.archives().stream())
        .map(Message.DeletedArchive::archive)
        .filter(each -> !each.partial() && each.sequence() > seen.leftSequence())
        .filter(each ->
            each.sequence() < seen.sequence()
                || (each.sequence() == seen.sequence() && each.root().equals(seen.root())))
        .max(Comparator.comparingLong(Message.Archive::sequence));
  }

  /// A deletion, and the archives that it hides.
  public record Deleted(Message.MadeDeletion made, List<Message.DeletedArchive> archives) {
    private static final int ID_DIGITS = 12;

    public Deleted {
      archives = List.copyOf(archives);
    }

    public TransactionId transaction() {
      return made.transaction();
    }

    /// As many digits of its id as a person needs.
    public String id() {
      return made.transaction().toString().substring(0, ID_DIGITS);
    }
  }
}
