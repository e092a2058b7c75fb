package org.holdfast.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Every Java file of every module is as google-java-format writes it.
///
/// `scripts/format` runs this test with `-Dholdfast.format=apply`, which rewrites what differs. It
/// is a test and not a Maven plugin because the formatter must run on the JDK that knows the syntax
/// of the sources, while Maven itself may run on an older one.
final class SourceFormatTest {
  private static final boolean APPLY = "apply".equals(System.getProperty("holdfast.format"));
  private static final Formatter FORMATTER = new Formatter();

  @Test
  void everySourceFileIsFormatted() throws Exception {
    List<Path> sources = sources(Path.of("..").toRealPath());
    List<Path> unformatted =
        sources.parallelStream().filter(SourceFormatTest::isLeftUnformatted).sorted().toList();
    assertThat(sources).hasSizeGreaterThan(3);
    assertThat(unformatted).as("run scripts/format").isEmpty();
  }

  /// Rewrites the file instead, where that is asked for. On several threads.
  private static boolean isLeftUnformatted(Path file) {
    try {
      String source = Files.readString(file);
      String formatted = FORMATTER.formatSourceAndFixImports(source);
      if (formatted.equals(source)) {
        return false;
      }
      if (APPLY) {
        Files.writeString(file, formatted);
      }
      return !APPLY;
    } catch (IOException | FormatterException e) {
      throw new IllegalStateException(file + ": " + e.getMessage(), e);
    }
  }

  private static List<Path> sources(Path root) throws Exception {
    List<Path> found = new ArrayList<>();
    try (var modules = Files.list(root)) {
      for (Path module : modules.filter(m -> Files.exists(m.resolve("pom.xml"))).toList()) {
        Path src = module.resolve("src");
        if (Files.isDirectory(src)) {
          try (var files = Files.walk(src)) {
            files.filter(f -> f.toString().endsWith(".java")).forEach(found::add);
          }
        }
      }
    }
    return found;
  }
}
