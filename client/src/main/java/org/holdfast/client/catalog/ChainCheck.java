package org.holdfast.client.catalog;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.holdfast.core.BlockName;
import org.holdfast.protocol.Message;

/// Whether the archives that a server shows, and those that it says are deleted, are all of them,
/// as their numbers and signed links say.
///
/// A number that neither has may have been deleted so long ago that it is freed, or be hidden: that
/// is a *hole*, and nothing that can be read here tells which.
final class ChainCheck {
  private final List<String> warnings = new ArrayList<>();
  private final List<String> holes = new ArrayList<>();

  private ChainCheck() {}

  /// With the signed predecessor of those that can be read.
  static ChainCheck of(
      List<Message.Archive> shown, DeletedArchives deleted, Map<BlockName, BlockName> previous) {
    List<Message.Archive> all = new ArrayList<>(shown);
    deleted.archives().forEach(each -> all.add(each.archive()));
    all.sort(Comparator.comparingLong(Message.Archive::sequence));
    ChainCheck check = new ChainCheck();
    long expected = 1;
    Message.Archive before = null;
    for (Message.Archive each : all) {
      if (each.sequence() > expected) {
        check.hole(expected, each.sequence() - 1);
      } else if (each.sequence() < expected) {
        check.warn(
            "the server shows two archives number %d: do not trust either, and ask its operator"
                .formatted(each.sequence()));
      } else if (before != null) {
        check.link(each, before, previous);
      }
      expected = Math.max(expected, each.sequence() + 1);
      before = each;
    }
    return check;
  }

  List<String> warnings() {
    return warnings;
  }

  List<String> holes() {
    return holes;
  }

  void warn(String line) {
    warnings.add(line);
  }

  private void hole(long from, long to) {
    holes.add(
        (from == to
                ? "archive number %d is not there".formatted(from)
                : "archives number %d to %d are not there".formatted(from, to))
            + ": deleted for good, or hidden by the server");
  }

  private void link(
      Message.Archive archive, Message.Archive before, Map<BlockName, BlockName> previous) {
    BlockName signed = previous.get(archive.root());
    if (signed != null && !signed.equals(before.root())) {
      warnings.add(
          "archive number %d was made after another number %d than the server shows: do not trust"
                  .formatted(archive.sequence(), before.sequence())
              + " that one, and ask its operator");
    }
  }
}
