package org.holdfast.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A page of the documents that shows what a benchmark has printed, between two marks.
record MarkedPage(Path page, String benchmark) {
  /// Puts the text in the place of what it printed last.
  void put(String text) throws IOException {
    String begin = "<!-- " + benchmark + " -->";
    String end = "<!-- end of " + benchmark + " -->";
    String old = Files.readString(page);
    int from = old.indexOf(begin);
    int to = old.indexOf(end);
    if (from < 0 || to < from) {
      throw new IOException(page + " has no marks " + begin + " and " + end);
    }
    Files.writeString(
        page, old.substring(0, from + begin.length()) + "\n" + text + old.substring(to));
  }
}
