package org.holdfast.client.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.holdfast.core.BlockName;
import org.holdfast.protocol.Message;

/// Whether the archives that a server shows are all of them, as their numbers and signed links say.
///
/// Archives cannot be deleted yet, so that none may be missing.
final class ChainCheck {
  private final List<String> warnings = new ArrayList<>();

  private ChainCheck() {}

  /// Warnings for archives sorted by number, with the signed predecessor of those that can be read.
  static List<String> warnings(List<Message.Archive> shown, Map<BlockName, BlockName> previous) {
    ChainCheck check = new ChainCheck();
    long expected = 1;
    Message.Archive before = null;
    for (Message.Archive each : shown) {
      if (each.sequence() > expected) {
        check.gap(expected, each.sequence() - 1);
      } else if (each.sequence() < expected) {
        check.warnings.add(
            "the server shows two archives number %d: do not trust either, and ask its operator"
                .formatted(each.sequence()));
      } else if (before != null) {
        check.link(each, before, previous);
      }
      expected = Math.max(expected, each.sequence() + 1);
      before = each;
    }
    return check.warnings;
  }

  private void gap(long from, long to) {
    String what =
        from == to
            ? "archive number %d is missing".formatted(from)
            : "archives number %d to %d are missing".formatted(from, to);
    warnings.add(
        what
            + ": archives cannot be deleted yet, so the server or its bucket has lost or hides it;"
            + " ask its operator");
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
