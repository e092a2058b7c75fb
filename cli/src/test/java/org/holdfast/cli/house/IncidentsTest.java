package org.holdfast.cli.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The tests that `docs/incidents.md` names for each requirement are there.
final class IncidentsTest {
  /// A class, with a method or without; or a method of the class that was named last in its line.
  private static final Pattern NAMED =
      Pattern.compile("`(?<type>[A-Z]\\w+Test)?(?:\\.(?<method>\\w+|\\*))?`");

  @Test
  void testsThatAreNamedAreThere() throws Exception {
    Map<String, String> tests = tests();
    List<String> absent = new ArrayList<>();
    int named = 0;
    for (String line : Files.readAllLines(Path.of("../docs/incidents.md"))) {
      String type = "";
      for (MatchResult each : NAMED.matcher(line).results().toList()) {
        type = each.group("type") == null ? type : each.group("type");
        String method = each.group("method");
        String text = tests.getOrDefault(type, "");
        boolean isThere =
            method == null || method.equals("*")
                ? !text.isEmpty()
                : text.contains("void " + method + "(");
        if (!isThere) {
          absent.add(each.group());
        }
        named++;
      }
    }
    assertThat(absent).isEmpty();
    assertThat(named).isGreaterThan(80);
  }

  private static Map<String, String> tests() throws Exception {
    Map<String, String> tests = new TreeMap<>();
    try (Stream<Path> files = Files.walk(Path.of(".."))) {
      for (Path each : files.filter(file -> file.toString().endsWith("Test.java")).toList()) {
        String name = each.getFileName().toString();
        String type = name.substring(0, name.length() - ".java".length());
        tests.merge(type, Files.readString(each), String::concat);
      }
    }
    return tests;
  }
}
