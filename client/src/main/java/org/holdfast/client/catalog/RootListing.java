package org.holdfast.client.catalog;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.holdfast.client.archive.SeenArchive;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Session;

/// All archives that a server shows, read root by root, and what the list is worth.
///
/// Archives may be deleted and brought back while they are listed, so that what is shown and what
/// is said to be deleted are of different moments. So a list in which something is odd is made
/// again, unless the server shows the same as before.
///
/// @param <T> what is known of an archive whose root was read
/// @param archives by number
/// @param unreadable by number
/// @param doubts one line each: what is wrong with the list, or was not done from here
/// @param holes one line each: numbers of which nobody says why there is no archive
public record RootListing<T>(
    List<T> archives, List<UnreadableArchive> unreadable, List<String> doubts, List<String> holes) {
  private static final int ROOTS_AT_ONCE = 256;
  private static final int ROUNDS_MAX = 3;

  public RootListing {
    archives = List.copyOf(archives);
    unreadable = List.copyOf(unreadable);
    doubts = List.copyOf(doubts);
    holes = List.copyOf(holes);
  }

  /// The same list of something else.
  public <U> RootListing<U> map(Function<T, U> each) {
    return new RootListing<>(archives.stream().map(each).toList(), unreadable, doubts, holes);
  }

  /// Asks for the list, and for the roots that are not `known`. Throws [CorruptException] for a
  /// list that does not go on from what was `seen`.
  public static RootListing<ArchiveInfo> of(
      Session session,
      MachineId machine,
      BlockSource blocks,
      Optional<SeenArchive> seen,
      KnownArchives known,
      Reading reading)
      throws HoldfastException {
    List<Message.Archive> shown = shown(session, machine);
    for (int round = 1; ; round++) {
      Optional<RootListing<ArchiveInfo>> found = Optional.empty();
      Optional<CorruptException> refusal = Optional.empty();
      try {
        found = Optional.of(read(session, machine, blocks, shown, seen, known, reading));
      } catch (CorruptException e) {
        refusal = Optional.of(e);
      }
      boolean isOdd = refusal.isPresent() || found.filter(RootListing::isOdd).isPresent();
      List<Message.Archive> again = isOdd && round < ROUNDS_MAX ? shown(session, machine) : shown;
      if (again.equals(shown)) {
        return found.orElseThrow(refusal::orElseThrow);
      }
      shown = again;
    }
  }

  /// The doubts, and what cannot be read.
  public List<String> warnings() {
    return Stream.concat(doubts.stream(), unreadable.stream().map(UnreadableArchive::line))
        .toList();
  }

  private boolean isOdd() {
    return !doubts.isEmpty() || !holes.isEmpty();
  }

  private static List<Message.Archive> shown(Session session, MachineId machine)
      throws HoldfastException {
    return session.archives(machine).stream()
        .sorted(
            Comparator.comparingLong(Message.Archive::sequence)
                .thenComparing(Message.Archive::root))
        .toList();
  }

  private static RootListing<ArchiveInfo> read(
      Session session,
      MachineId machine,
      BlockSource blocks,
      List<Message.Archive> shown,
      Optional<SeenArchive> seen,
      KnownArchives known,
      Reading reading)
      throws HoldfastException {
    Arrivals arrivals = new Arrivals(reading);
    List<Message.Archive> unknown = new ArrayList<>();
    for (Message.Archive each : shown) {
      known
          .find(each)
          .ifPresentOrElse(info -> arrivals.read.put(each.root(), info), () -> unknown.add(each));
    }
    for (int from = 0; from < unknown.size(); from += ROOTS_AT_ONCE) {
      arrivals.some = unknown.subList(from, Math.min(unknown.size(), from + ROOTS_AT_ONCE));
      List<BlockName> roots = arrivals.some.stream().map(Message.Archive::root).toList();
      blocks.fetch(BlockClass.ROOT, roots, arrivals);
    }
    Map<BlockName, ListCheck.Signed> signed = new HashMap<>();
    arrivals.read.forEach((root, each) -> signed.put(root, ListCheck.Signed.of(each)));
    ListCheck check = ListCheck.of(session, machine, shown, signed, seen);
    List<ArchiveInfo> archives =
        arrivals.read.values().stream()
            .sorted(Comparator.comparingLong(ArchiveInfo::sequence))
            .toList();
    known.keep(archives);
    return new RootListing<>(
        archives,
        arrivals.unreadable.stream()
            .sorted(Comparator.comparingLong(UnreadableArchive::sequence))
            .toList(),
        check.warnings(),
        check.holes());
  }

  /// Opens a root and compares it with what the server says of it. Throws [CorruptException] if
  /// that cannot be done.
  public interface Reading {
    ArchiveInfo read(Message.Archive shown, ByteBuffer sealed) throws HoldfastException;
  }

  private static final class Arrivals implements BlockArrivals<HoldfastException> {
    private final Reading reading;
    private final Map<BlockName, ArchiveInfo> read = new HashMap<>();
    private final List<UnreadableArchive> unreadable = new ArrayList<>();
    private List<Message.Archive> some = List.of();

    Arrivals(Reading reading) {
      this.reading = reading;
    }

    @Override
    public void block(int index, ByteBuffer sealed) throws HoldfastException {
      Message.Archive archive = some.get(index);
      try {
        read.put(archive.root(), reading.read(archive, sealed));
      } catch (CorruptException e) {
        refuse(archive, String.valueOf(e.getMessage()));
      }
    }

    @Override
    public void lost(int index, String reason) {
      refuse(some.get(index), "its root is lost (" + reason + ")");
    }

    private void refuse(Message.Archive archive, String reason) {
      unreadable.add(new UnreadableArchive(archive.root(), archive.sequence(), reason));
    }
  }
}
