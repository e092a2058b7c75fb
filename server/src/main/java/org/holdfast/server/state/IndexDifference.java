package org.holdfast.server.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.holdfast.server.index.Index;

/// What an old index says otherwise than one that was made of the log up to the same place: how
/// many rows, by whose they are and what they are of, and the first of them.
///
/// @param counts by machine; what belongs to none comes first
/// @param examples a line each
/// @param unread why the old index could not be read to its end; empty if it was
public record IndexDifference(List<Count> counts, List<String> examples, Optional<String> unread) {
  public IndexDifference {
    counts = List.copyOf(counts);
    examples = List.copyOf(examples);
  }

  /// Reads all rows of the logical state of both, page by page.
  public static IndexDifference of(Index old, Index made) {
    return new IndexComparison(old, made).run();
  }

  /// All of it for a person to read.
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    counts.forEach(count -> lines.add(count.line()));
    if (!examples.isEmpty()) {
      lines.add("first of all:");
      examples.forEach(example -> lines.add("  " + example));
    }
    if (counts.isEmpty() && unread.isEmpty()) {
      lines.add("only what the old index says of segments, or of itself, is not the same");
    }
    unread.ifPresent(why -> lines.add("the old index cannot be read to its end: " + why));
    return lines;
  }

  /// Who has a row.
  public enum Side {
    OLD("only in the old index"),
    LOG("only by the log"),
    BOTH("not the same");

    private final String words;

    Side(String words) {
      this.words = words;
    }

    @Override
    public String toString() {
      return words;
    }
  }

  /// So many rows.
  ///
  /// @param machine its name and id; empty of what belongs to none
  /// @param kind as `block`, or `archive`
  public record Count(Optional<String> machine, String kind, Side side, long rows) {
    String line() {
      return "%s%d %s%s %s"
          .formatted(
              machine.map(each -> each + ": ").orElse(""), rows, kind, rows == 1 ? "" : "s", side);
    }
  }
}
