package org.holdfast.cli.console;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.holdfast.core.RefusedException;

/// Files in which a person has put what does not fit a command line: patterns and paths. `-` is
/// standard input. An edge.
public final class ListFiles {
  private static final String STANDARD_INPUT = "-";

  /// More than anybody writes, and less than what fills a small heap.
  private static final int LENGTH_MAX = 16 << 20;

  private ListFiles() {}

  /// All of a file.
  public static byte[] read(String file) throws RefusedException {
    try {
      byte[] content =
          file.equals(STANDARD_INPUT)
              ? System.in.readNBytes(LENGTH_MAX + 1)
              : readFile(Path.of(file));
      if (content.length > LENGTH_MAX) {
        throw new RefusedException(
            "%s has more than %d MiB: name folders instead of the files in them"
                .formatted(file, LENGTH_MAX >> 20));
      }
      return content;
    } catch (IOException | InvalidPathException e) {
      throw new RefusedException("cannot read " + file + ": " + Failures.line(e), e);
    }
  }

  /// What is between newlines or, instead, NULs, without what is empty.
  public static List<byte[]> words(byte[] content, boolean betweenNuls) {
    byte between = (byte) (betweenNuls ? 0 : '\n');
    List<byte[]> words = new ArrayList<>();
    int start = 0;
    for (int at = 0; at <= content.length; at++) {
      if (at == content.length || content[at] == between) {
        if (at > start) {
          words.add(Arrays.copyOfRange(content, start, at));
        }
        start = at + 1;
      }
    }
    return words;
  }

  private static byte[] readFile(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      return in.readNBytes(LENGTH_MAX + 1);
    }
  }
}
