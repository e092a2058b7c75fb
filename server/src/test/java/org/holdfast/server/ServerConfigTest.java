package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.holdfast.core.RefusedException;
import org.holdfast.server.shard.BackgroundJob;
import org.junit.jupiter.api.Test;

final class ServerConfigTest {
  private static final long DAY_MILLIS = 86_400_000;

  @Test
  void graceDaysAreRead() throws Exception {
    assertThat(graceMillis("")).isEqualTo(30 * DAY_MILLIS);
    assertThat(graceMillis("grace-days = 0\n")).isZero();
    assertThat(graceMillis("grace-days = 3650\n")).isEqualTo(3650 * DAY_MILLIS);
    for (String bad : new String[] {"-1", "3651", "30d", "1.5", ""}) {
      assertThatThrownBy(() -> graceMillis("grace-days = " + bad + "\n"))
          .as(bad)
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("grace-days");
    }
  }

  @Test
  void alertCommandIsTakenAsItIs() throws Exception {
    assertThat(parse("").alertCommand()).isEmpty();
    assertThat(parse("alert-command = mail -s 'a b' root\n").alertCommand())
        .contains("mail -s 'a b' root");
  }

  @Test
  void backgroundWorkIsOnUnlessTheFileSaysOff() throws Exception {
    assertThat(parse("").off()).isEmpty();
    assertThat(parse("cleaning = off\nfreeing = on\n").off())
        .containsExactly(BackgroundJob.CLEANING);
    assertThatThrownBy(() -> parse("cleaning = no\n"))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("`cleaning` is on or off, not no");
  }

  @Test
  void drillDaysAreRead() throws Exception {
    assertThat(parse("").drillMillis()).isEqualTo(30 * DAY_MILLIS);
    assertThat(parse("drill-days = 0\n").drillMillis()).isZero();
    assertThat(parse("drill-days = 7\ndrill = off\n").drillMillis()).isEqualTo(7 * DAY_MILLIS);
    assertThatThrownBy(() -> parse("drill-days = -1\n"))
        .hasMessageContaining("`drill-days` needs a number from 0 to 3650");
  }

  @Test
  void imageDaysAreRead() throws Exception {
    assertThat(parse("").imageMillis()).isEqualTo(DAY_MILLIS);
    assertThat(parse("image-days = 0\n").imageMillis()).isZero();
    assertThat(parse("image-days = 7\nimage = off\n").off()).containsExactly(BackgroundJob.IMAGE);
    assertThatThrownBy(() -> parse("image-days = 8\n"))
        .hasMessageContaining("`image-days` needs a number from 0 to 7");
  }

  @Test
  void scrubDaysAreRead() throws Exception {
    assertThat(parse("").scrubMillis()).isEqualTo(30 * DAY_MILLIS);
    assertThat(parse("scrub-days = 0\n").scrubMillis()).isZero();
    assertThat(parse("scrub-days = 7\n").scrubMillis()).isEqualTo(7 * DAY_MILLIS);
    for (String bad : new String[] {"-1", "3651", "a week", ""}) {
      assertThatThrownBy(() -> parse("scrub-days = " + bad + "\n"))
          .as(bad)
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("`scrub-days` needs a number from 0 to 3650")
          .hasMessageNotContaining("\n");
    }
  }

  private static long graceMillis(String line) throws Exception {
    return parse(line).graceMillis();
  }

  private static ServerConfig parse(String line) throws Exception {
    String text = "bucket = dir:b\nstate = s\nsecrets = f\n" + line;
    return ServerConfig.parse(text, Path.of("/etc/holdfast/config"), Map.of());
  }
}
