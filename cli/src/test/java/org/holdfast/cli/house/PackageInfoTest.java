package org.holdfast.cli.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// A package's own page names each of its files, and none that is not there.
final class PackageInfoTest {
  /// The names that a line, or several, begin with.
  private static final Pattern NAMES =
      Pattern.compile("/// - ((?:[`\\[]\\w+[`\\]](?:,\\s+(?:/// +)?)?)+)");

  private static final Pattern NAME = Pattern.compile("\\w+");

  @Test
  void everyFileHasALine() throws Exception {
    List<Path> pages = pages();
    assertThat(pages).hasSizeGreaterThan(15);
    List<String> wrong = new ArrayList<>();
    for (Path page : pages) {
      TreeSet<String> missing = new TreeSet<>(files(page.getParent()));
      TreeSet<String> gone = new TreeSet<>(named(page));
      missing.removeAll(named(page));
      gone.removeAll(files(page.getParent()));
      if (!missing.isEmpty() || !gone.isEmpty()) {
        wrong.add(page + " lacks " + missing + ", and names " + gone + ", which are not there");
      }
    }
    assertThat(wrong).isEmpty();
  }

  private static TreeSet<String> named(Path page) throws Exception {
    TreeSet<String> names = new TreeSet<>();
    Matcher found = NAMES.matcher(Files.readString(page));
    while (found.find()) {
      NAME.matcher(found.group(1)).results().forEach(each -> names.add(each.group()));
    }
    return names;
  }

  private static TreeSet<String> files(Path folder) throws Exception {
    TreeSet<String> names = new TreeSet<>();
    try (var files = Files.list(folder)) {
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".java") && !name.equals("package-info.java"))
          .forEach(name -> names.add(name.substring(0, name.length() - ".java".length())));
    }
    return names;
  }

  private static List<Path> pages() throws Exception {
    List<Path> pages = new ArrayList<>();
    try (var modules = Files.list(Path.of(".."))) {
      for (Path module : modules.toList()) {
        Path sources = module.resolve("src/main/java");
        if (Files.isDirectory(sources)) {
          try (var files = Files.walk(sources)) {
            files.filter(file -> file.endsWith("package-info.java")).forEach(pages::add);
          }
        }
      }
    }
    return pages;
  }
}
