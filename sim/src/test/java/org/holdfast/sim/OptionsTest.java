package org.holdfast.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class OptionsTest {
  @Test
  void aKindOfFaultThatThereIsNotIsRefusedWithThoseThatThereAre() {
    assertThatThrownBy(() -> Options.of("--without", "late,killServers"))
        .isInstanceOf(CommandLine.ParameterException.class)
        .hasMessageContaining("killServers")
        .hasMessageContaining("killServer,")
        .hasMessageContaining("lostAfter,");
    assertThatThrownBy(() -> Options.of("--only", "server2:lostLater:14"))
        .hasMessageContaining("lostLater");
  }

  @Test
  void whatIsNoFaultCannotBeLeftOut() {
    assertThatThrownBy(() -> Options.of("--without", "audit")).hasMessageContaining("audit");
    assertThatThrownBy(() -> Options.of("--without", "longSpell"))
        .hasMessageContaining("longSpell");
  }

  @Test
  void theFaultsOfARunAreKnownByTheirNames() {
    assertThat(Options.of("--only", "server6:wire2:cut:15,fate:spell:1").first().only())
        .containsExactly("fate:spell:1", "server6:wire2:cut:15");
    assertThat(Options.of("--only", "none").first().only()).isEmpty();
    assertThat(Options.of("--without", "late,killServer").first().without())
        .containsExactly("killServer", "late");
  }

  @Test
  void helpListsTheKinds() {
    assertThat(new CommandLine(new Options()).getUsageMessage())
        .contains("absent", "killServer", "wiped");
  }
}
