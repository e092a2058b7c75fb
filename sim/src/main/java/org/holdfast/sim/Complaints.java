package org.holdfast.sim;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.holdfast.core.MachineId;

/// Whether what a listing complains of is so: each warning and each hole must be one that is
/// documented for deletions, and have its own deletion in the log. Whether an archive may be
/// unreadable is for the caller to say.
///
/// The listing was made by one who knew the log up to the record `known` at least: whatever has
/// changed behind it may have come in the middle.
record Complaints(Ledger ledger, MachineId machine, long known) {
  private static final Pattern DELETED =
      Pattern.compile(
          "archive number (\\d+) \\(([0-9a-f]{12})\\), the newest that this machine has made and"
              + " not deleted, was deleted at \\S+, not from here: if it was not you, `holdfast"
              + " undelete \\2` brings it back until \\S+");
  private static final Pattern UNREADABLE =
      Pattern.compile("archive number (\\d+) \\([0-9a-f]{12}\\) cannot be read: .*");
  private static final Pattern HOLE =
      Pattern.compile(
          "archives? number (\\d+)(?: to (\\d+))? (?:is|are) not there: deleted for good, or hidden"
              + " by the server");

  /// Throws [Violation] for a complaint without a reason.
  void check(List<String> warnings, List<String> holes, int unreadable) throws Violation {
    int unread = 0;
    for (String warning : warnings) {
      if (UNREADABLE.matcher(warning).matches()) {
        unread++;
      } else if (!isOfDeletion(warning)) {
        throw new Violation("the listing complains: " + warning);
      }
    }
    if (unread != unreadable) {
      throw new Violation("the listing complains of other archives than it lacks: " + warnings);
    }
    for (String hole : holes) {
      checkHole(hole);
    }
  }

  /// Whether a warning is of a deletion that is in the log.
  boolean isOfDeletion(String warning) throws Violation {
    Matcher found = DELETED.matcher(warning);
    if (!found.matches()) {
      return false;
    }
    Ledger.Archive archive = ledger.archive(machine, Long.parseLong(found.group(1)));
    return archive != null
        && archive.root().toString().startsWith(found.group(2))
        && ledger.deleted().containsKey(archive)
        && ledger.blocks().mayBeHidden(archive.block(), known);
  }

  /// While a deletion can be undone the server names what it hides: a hole is what cannot be
  /// brought back any more, or was hidden or shown in the middle.
  private void checkHole(String hole) throws Violation {
    Matcher found = HOLE.matcher(hole);
    if (!found.matches()) {
      throw new Violation("the listing complains of a hole: " + hole);
    }
    long from = Long.parseLong(found.group(1));
    long to = found.group(2) == null ? from : Long.parseLong(found.group(2));
    for (long number = from; number <= to; number++) {
      Ledger.Archive archive = ledger.archive(machine, number);
      boolean isExplained =
          archive != null
              && ledger.deleted().containsKey(archive)
              && (ledger.blocks().isGone(archive.block()) || ledger.changed(archive) > known);
      if (!isExplained) {
        throw new Violation("archive number " + number + " is not told of: " + hole);
      }
    }
  }
}
