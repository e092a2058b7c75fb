package org.holdfast.client.select;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class PathRulesTest {
  @Test
  void theLastOneThatMatchesDecides() throws Exception {
    PathRules rules =
        new PathRules.Builder()
            .exclude(bytes("*.log"), false)
            .include(bytes("/keep/*.log"), false)
            .exclude(bytes("secret.log"), false)
            .build();
    assertThat(leaveOut(rules, "/a/x.log")).isTrue();
    assertThat(leaveOut(rules, "/keep/x.log")).isFalse();
    assertThat(leaveOut(rules, "/keep/secret.log")).isTrue();
    assertThat(leaveOut(rules, "/a/x.txt")).isFalse();
  }

  @Test
  void anExclamationMarkTakesItAfterAll() throws Exception {
    PathRules rules =
        new PathRules.Builder()
            .exclude(bytes("*"), false)
            .exclude(bytes("!*.txt"), false)
            .exclude(bytes("\\!x.txt"), false)
            .build();
    assertThat(leaveOut(rules, "/a")).isTrue();
    assertThat(leaveOut(rules, "/a.txt")).isFalse();
    assertThat(leaveOut(rules, "/!x.txt")).isTrue();
  }

  @Test
  void aFileHasAPatternInALine() throws Exception {
    String file = "# comment\n\n*.o  \n  \t\n!keep.o\r\n\\#x\ntrailing\\ \n/last";
    PathRules rules = new PathRules.Builder().excludeLines(bytes(file), false).build();
    assertThat(leaveOut(rules, "/x.o")).isTrue();
    assertThat(leaveOut(rules, "/keep.o")).isFalse();
    assertThat(leaveOut(rules, "/#x")).isTrue();
    assertThat(leaveOut(rules, "/trailing ")).isTrue();
    assertThat(leaveOut(rules, "/last")).isTrue();
    assertThat(leaveOut(rules, "/# comment")).isFalse();
  }

  @Test
  void noneLeaveNothingOut() throws Exception {
    assertThat(PathRules.NONE.isEmpty()).isTrue();
    assertThat(leaveOut(PathRules.NONE, "/a")).isFalse();
  }

  private static boolean leaveOut(PathRules rules, String path) {
    return rules.leaveOut(bytes(path), false);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
