package org.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.holdfast.cli.console.Signals;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.cli.console.Terminal;
import org.holdfast.client.tree.RawArguments;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.UsageMessageSpec;

/// What each command says of itself with `--help`.
final class HelpTextTest {
  private final Surroundings surroundings =
      new Surroundings(
          Map.of(),
          RawArguments.of(),
          new SystemClock(),
          Spawner.virtual(),
          new SecureRandom(),
          Terminal.into(
              new PrintStream(new ByteArrayOutputStream()),
              new PrintStream(new ByteArrayOutputStream())),
          new Signals());

  @TestFactory
  Stream<DynamicTest> helpHasAnExampleAndWrapsWell() {
    return all(Main.commandLine(surroundings))
        .map(each ->
            DynamicTest.dynamicTest(
                each.getCommandSpec().qualifiedName(),
                () -> {
                  UsageMessageSpec usage = each.getCommandSpec().usageMessage();
                  assertWraps(List.of(usage.description()));
                  assertWraps(List.of(usage.footer()));
                  each.getCommandSpec()
                      .options()
                      .forEach(option -> assertWraps(List.of(option.description())));
                  List<String> help =
                      each.getUsageMessage(CommandLine.Help.Ansi.OFF).lines().toList();
                  assertThat(help).allMatch(line -> line.length() <= 80);
                  if (each.getSubcommands().isEmpty()) {
                    assertThat(help).containsAnyOf("Example:", "Examples:");
                  }
                  for (String line : usage.footer()) {
                    if (line.startsWith("  ")) {
                      assertThat(help)
                          .as("an example that is not broken")
                          .contains(line.formatted());
                    }
                  }
                }));
  }

  /// A paragraph is one text, of which the parser makes lines.
  private static void assertWraps(List<String> lines) {
    for (int i = 0; i + 1 < lines.size(); i++) {
      boolean isFollowed = !lines.get(i + 1).isBlank() && !lines.get(i + 1).startsWith(" ");
      if (isFollowed && !lines.get(i).isBlank()) {
        assertThat(lines.get(i)).as("a line before another one").matches(".*[.:]");
      }
    }
  }

  private static Stream<CommandLine> all(CommandLine line) {
    List<CommandLine> all = new ArrayList<>(List.of(line));
    line.getSubcommands().values().stream().flatMap(HelpTextTest::all).forEach(all::add);
    return all.stream();
  }
}
