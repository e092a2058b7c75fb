package org.holdfast.client.catalog;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.holdfast.client.archive.SeenArchive;
import org.holdfast.core.BlockName;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.UnavailableException;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Session;

/// What a list of archives is worth beside what its roots sign and this machine remembers.
///
/// The server is asked what was deleted only if something is missing, and its answer is its word
/// alone: it explains a hole, and turns the refusal of a list without the archive that was seen
/// last into a warning that names that archive. `docs/security.md` says why.
///
/// @param warnings one line each: something is wrong, or was not done from here
/// @param holes one line each: numbers of which nobody says why there is no archive
public record ListCheck(List<String> warnings, List<String> holes) {
  private static final int ID_DIGITS = 12;

  /// Throws [CorruptException] for a list that does not go on from what this machine remembers;
  /// [UnavailableException] if it is that of a standby, or of a server that recovers, which may not
  /// know the last archive yet.
  ///
  /// @param shown by number
  /// @param signed what the roots say that can be read
  public static ListCheck of(
      Session session,
      MachineId machine,
      List<Message.Archive> shown,
      Map<BlockName, Signed> signed,
      Optional<SeenArchive> seen)
      throws HoldfastException {
    try {
      return check(session, machine, shown, signed, seen);
    } catch (CorruptException e) {
      throw switch (session.mode()) {
        case ALL, READ_ONLY -> e;
        case STANDBY ->
            behind(
                "the standby %s may not know all archives yet, as it follows the server that owns"
                    + " the log: try again in some seconds. If it stays so: %s",
                session, e);
        case RECOVERING ->
            behind(
                "the server %s may not know all archives yet, as it is being recovered: try again"
                    + " when that is done. If it stays so: %s",
                session, e);
      };
    }
  }

  private static UnavailableException behind(String what, Session session, CorruptException why) {
    return new UnavailableException(what.formatted(session.peer(), why.getMessage()), why);
  }

  private static ListCheck check(
      Session session,
      MachineId machine,
      List<Message.Archive> shown,
      Map<BlockName, Signed> signed,
      Optional<SeenArchive> seen)
      throws HoldfastException {
    boolean goesOn = true;
    if (seen.isPresent()) {
      goesOn = goesOn(shown, signed, seen.get());
      if (seen.get().leftSequence() < seen.get().sequence()) {
        checkCount(session.state(machine), seen.get());
      }
    }
    DeletedArchives deleted =
        goesOn && isWithoutHoles(shown)
            ? new DeletedArchives(List.of())
            : DeletedArchives.of(session, machine).without(shown);
    Map<BlockName, BlockName> previous = new HashMap<>();
    signed.forEach((root, each) -> previous.put(root, each.previous));
    ChainCheck chain = ChainCheck.of(shown, deleted, previous);
    if (!goesOn) {
      chain.warn(deletedElsewhere(seen.orElseThrow(), signed, deleted));
    }
    return new ListCheck(chain.warnings(), chain.holes());
  }

  /// The archive that was seen must be shown, or a whole one that the machine signed after it: a
  /// number alone is the server's word, and a partial one would leave an older one the latest. If
  /// this machine has deleted it, the same holds for the newest that it has left.
  private static boolean goesOn(
      List<Message.Archive> shown, Map<BlockName, Signed> signed, SeenArchive seen)
      throws CorruptException {
    List<BlockName> sameNumber =
        shown.stream()
            .filter(each -> each.sequence() == seen.sequence())
            .map(Message.Archive::root)
            .toList();
    if (sameNumber.contains(seen.root())) {
      return true;
    }
    if (!sameNumber.isEmpty()) {
      seen.check(seen.sequence(), sameNumber.getFirst());
    }
    if (highestWhole(signed) > seen.leftSequence() || seen.leftSequence() == 0) {
      return true;
    }
    return shown.stream().anyMatch(each -> each.root().equals(seen.left()));
  }

  /// The archive that was seen is deleted, and can show no more that the server has not gone back;
  /// but the server counts on from it all the same.
  private static void checkCount(Message.StateReply state, SeenArchive seen)
      throws CorruptException {
    boolean isNewest = state.highestSequence() == seen.sequence();
    seen.check(state.highestSequence(), isNewest ? state.lastRoot() : null);
  }

  private static String deletedElsewhere(
      SeenArchive seen, Map<BlockName, Signed> signed, DeletedArchives deleted)
      throws CorruptException {
    Optional<Message.DeletedArchive> found = deleted.find(seen.left());
    if (found.isEmpty()) {
      seen.check(highestWhole(signed), null);
      throw seen.withheld();
    }
    return ("archive number %d (%s), the newest that this machine has made and not deleted, was"
            + " deleted at %s, not from here: if it was not you, `holdfast undelete %s` brings it"
            + " back until %s")
        .formatted(
            seen.leftSequence(),
            id(seen.left()),
            Instant.ofEpochMilli(found.get().deletedMillis()),
            id(seen.left()),
            Instant.ofEpochMilli(found.get().untilMillis()));
  }

  private static String id(BlockName root) {
    return root.toString().substring(0, ID_DIGITS);
  }

  private static long highestWhole(Map<BlockName, Signed> signed) {
    return signed.values().stream()
        .filter(each -> !each.partial)
        .mapToLong(Signed::sequence)
        .max()
        .orElse(0);
  }

  private static boolean isWithoutHoles(List<Message.Archive> shown) {
    return shown.isEmpty() || shown.getLast().sequence() == shown.size();
  }

  /// What a root says of its place, signed.
  public record Signed(long sequence, BlockName previous, boolean partial) {
    static Signed of(ArchiveInfo info) {
      return new Signed(info.sequence(), info.previous(), info.partial());
    }
  }
}
