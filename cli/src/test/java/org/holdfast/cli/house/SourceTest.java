package org.holdfast.cli.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Rules of the house that only the text of the sources shows.
final class SourceTest {
  private static final int LINES_MAX = 600;
  private static final int COLUMNS_MAX = 100;

  /// Written in parts, as this file is read too.
  private static final Pattern UNFINISHED =
      Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b");

  private static final Pattern MACHINE_PATH = Pattern.compile("/(wo" + "rk|ro" + "ot)/");

  private static final Pattern NOT_OURS =
      Pattern.compile("target|\\.git|\\.idea|\\.vscode|\\.holdfast-build|(hs_err|replay)_pid.*");

  @Test
  void filesAreShort() throws Exception {
    for (Path file : sources()) {
      assertThat(Files.readAllLines(file).size()).as(file.toString()).isLessThan(LINES_MAX);
    }
  }

  @Test
  void linesAreShort() throws Exception {
    for (Path file : sources().stream().filter(each -> each.toString().contains("main")).toList()) {
      assertThat(Files.readAllLines(file))
          .as(file.toString())
          .noneMatch(line -> line.length() > COLUMNS_MAX && !line.startsWith("import "));
    }
  }

  @Test
  void nothingIsLeftForLater() throws Exception {
    List<Path> files = sources();
    assertThat(files).hasSizeGreaterThan(200);
    for (Path file : files) {
      String text = Files.readString(file);
      assertThat(UNFINISHED.matcher(text).find()).as(file.toString()).isFalse();
    }
  }

  @Test
  void nothingIsOfOneMachine() throws Exception {
    List<Path> files = repository();
    assertThat(files).hasSizeGreaterThan(1000);
    for (Path file : files) {
      assertThat(file.toString()).doesNotEndWith(".log");
      String text = Files.readString(file, StandardCharsets.ISO_8859_1);
      assertThat(MACHINE_PATH.matcher(text).find()).as(file.toString()).isFalse();
    }
  }

  /// All but what is built and what tools leave.
  private static List<Path> repository() throws Exception {
    List<Path> all = new ArrayList<>();
    Files.walkFileTree(
        Path.of(".."),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return NOT_OURS.matcher(folder.getFileName().toString()).matches()
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (!NOT_OURS.matcher(file.getFileName().toString()).matches()) {
              all.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return all;
  }

  private static List<Path> sources() throws Exception {
    List<Path> all = new ArrayList<>();
    try (var modules = Files.list(Path.of(".."))) {
      for (Path module : modules.filter(each -> Files.exists(each.resolve("pom.xml"))).toList()) {
        if (Files.isDirectory(module.resolve("src"))) {
          try (var files = Files.walk(module.resolve("src"))) {
            files.filter(file -> file.toString().endsWith(".java")).forEach(all::add);
          }
        }
      }
    }
    return all;
  }
}
