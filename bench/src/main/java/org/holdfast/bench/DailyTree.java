package org.holdfast.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/// A copy of a corpus of which a part changes each day, the same on every machine: each day is a
/// function of its number, applied to the day before.
final class DailyTree {
  private final Path folder;
  private final List<Path> files;

  private DailyTree(Path folder, List<Path> files) {
    this.folder = folder;
    this.files = files;
  }

  static DailyTree copy(Path corpus, Path folder) throws IOException {
    Folders.fresh(folder);
    try (Stream<Path> all = Files.walk(corpus)) {
      for (Iterator<Path> each = all.sorted().iterator(); each.hasNext(); ) {
        Path path = each.next();
        if (!path.equals(corpus)) {
          Files.copy(path, folder.resolve(corpus.relativize(path).toString()));
        }
      }
    }
    try (Stream<Path> all = Files.walk(folder)) {
      return new DailyTree(folder, all.filter(Files::isRegularFile).sorted().toList());
    }
  }

  Path folder() {
    return folder;
  }

  /// Writes so many percent of the files anew, all of the bytes of each: `percent` of a tree's
  /// bytes, as a rule.
  void change(int day, int percent) throws IOException {
    Random random = new Random(1000 + day);
    Map<Path, String> chosen = new HashMap<>();
    while (chosen.size() < files.size() * percent / 100) {
      chosen.put(files.get(random.nextInt(files.size())), "");
    }
    for (Path file : chosen.keySet().stream().sorted().toList()) {
      StringBuilder text = new StringBuilder();
      long length = Files.size(file);
      while (text.length() < length) {
        text.append(Integer.toString(random.nextInt(1 << 24), 36)).append(' ');
      }
      Files.write(file, text.substring(0, (int) length).getBytes(StandardCharsets.US_ASCII));
    }
  }
}
