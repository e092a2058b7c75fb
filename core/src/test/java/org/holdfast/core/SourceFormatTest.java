package org.holdfast.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.googlejavaformat.java.Formatter;
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
  @Test
  void everySourceFileIsFormatted() throws Exception {
    boolean apply = "apply".equals(System.getProperty("holdfast.format"));
    Formatter formatter = new Formatter();
    List<String> unformatted = new ArrayList<>();
    int seen = 0;
    for (Path file : sources(Path.of("..").toRealPath())) {
      seen++;
      String source = Files.readString(file);
      String formatted = formatter.formatSourceAndFixImports(source);
      if (formatted.equals(source)) {
        continue;
      }
      if (apply) {
        Files.writeString(file, formatted);
      } else {
        unformatted.add(file.toString());
      }
    }
    assertThat(seen).isGreaterThan(3);
    assertThat(unformatted).as("run scripts/format").isEmpty();
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
