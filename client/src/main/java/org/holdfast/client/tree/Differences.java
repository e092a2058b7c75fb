package org.holdfast.client.tree;

import java.util.ArrayList;
import java.util.List;

/// Collects what differs between two trees, up to a number of lines. Any thread.
final class Differences {
  private final int linesMax;
  private final List<Line> lines = new ArrayList<>();
  private long count;

  Differences(int linesMax) {
    this.linesMax = linesMax;
  }

  synchronized void add(byte[] path, String text) {
    count++;
    if (lines.size() < linesMax) {
      lines.add(new Line(path, text));
    }
  }

  /// Adds a line if the two are not equal.
  void compare(byte[] path, String what, Object original, Object restored) {
    if (!original.equals(restored)) {
      add(path, "%s was %s, restored as %s".formatted(what, original, restored));
    }
  }

  synchronized long count() {
    return count;
  }

  synchronized List<String> lines() {
    return lines.stream()
        .sorted((left, right) -> TreePath.compare(left.path, right.path))
        .map(line -> (line.path.length == 0 ? "." : PathText.print(line.path)) + ": " + line.text)
        .toList();
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared as a record
  private record Line(byte[] path, String text) {}
}
