package org.holdfast.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the program says of itself.
final class HelpTest {
  @TempDir Path home;

  @Test
  void everyCommandHasASentenceInTheList() throws Exception {
    String help = String.join("\n", new Program(home).run("--help").succeeds().output());
    String list = help.substring(help.indexOf("Commands:\n") + 10, help.indexOf("\n\nTo see"));
    assertThat(list.replaceAll("\n {12,}", " ").lines())
        .hasSize(30)
        .allMatch(line -> line.matches("  [a-z-]+ +[A-Z].*\\."));
  }
}
