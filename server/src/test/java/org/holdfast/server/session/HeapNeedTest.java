package org.holdfast.server.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.holdfast.core.RefusedException;
import org.junit.jupiter.api.Test;

final class HeapNeedTest {
  private static final long MIB = 1 << 20;

  /// What the serial collector says of `-Xmx1g`.
  private static final long LAUNCHER_HEAP = 1024 * MIB / 30 * 29;

  @Test
  void defaultsFitTheHeapThatTheLauncherGives() {
    assertThatCode(() -> new HeapNeed(Limits.DEFAULT).check(LAUNCHER_HEAP))
        .doesNotThrowAnyException();
  }

  @Test
  void settingThatIsTooLargeIsNamedWithTheLargestThatFits() throws Exception {
    checkAdvice(new Limits(500 * MIB, 128 * MIB, 500), "store-memory");
    checkAdvice(new Limits(128 * MIB, 500 * MIB, 500), "fetch-memory");
    checkAdvice(new Limits(128 * MIB, 128 * MIB, 5000), "sessions");
  }

  @Test
  void heapThatIsTooSmallForAnySettingIsToBeLarger() {
    assertThat(refusal(new HeapNeed(Limits.DEFAULT), 256 * MIB))
        .doesNotContain("at most")
        .contains("give it a larger heap");
    // Adjusting one setting is not enough.
    assertThat(refusal(new HeapNeed(new Limits(600 * MIB, 600 * MIB, 500)), 512 * MIB))
        .doesNotContain("at most");
  }

  /// What is named does, either way, and a bit more does not.
  private static void checkAdvice(Limits limits, String setting) throws Exception {
    HeapNeed need = new HeapNeed(limits);
    String line = refusal(need, LAUNCHER_HEAP);
    assertThat(line).doesNotContain("\n").contains("`" + setting + "`");
    long most = number(line, "set `" + setting + "` to (\\d+) at most");
    new HeapNeed(with(limits, setting, most)).check(LAUNCHER_HEAP);
    refusal(new HeapNeed(with(limits, setting, most + 4)), LAUNCHER_HEAP);
    long heap = number(line, "-Xmx(\\d+)m") * MIB;
    need.check(heap / 30 * 29);
    refusal(need, heap / 30 * 29 - 256 * MIB);
  }

  private static Limits with(Limits limits, String setting, long value) {
    return switch (setting) {
      case "store-memory" -> new Limits(value * MIB, limits.fetchBytes(), limits.sessions());
      case "fetch-memory" -> new Limits(limits.storeBytes(), value * MIB, limits.sessions());
      default -> new Limits(limits.storeBytes(), limits.fetchBytes(), (int) value);
    };
  }

  private static long number(String line, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(line);
    assertThat(matcher.find()).as(line).isTrue();
    return Long.parseLong(matcher.group(1));
  }

  private static String refusal(HeapNeed need, long heapBytes) {
    RefusedException[] thrown = new RefusedException[1];
    assertThatThrownBy(() -> need.check(heapBytes))
        .isInstanceOfSatisfying(RefusedException.class, e -> thrown[0] = e);
    return String.valueOf(thrown[0].getMessage());
  }
}
