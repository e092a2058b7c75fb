package org.holdfast.client.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.holdfast.core.RefusedException;
import org.junit.jupiter.api.Test;

final class RawArgumentsTest {
  private static final byte[] LOST = {'a', (byte) 0xff, 'b'};
  private static final byte[] ALSO_LOST = {'a', (byte) 0xfe, 'b'};

  @Test
  void lostBytesComeBack() throws Exception {
    RawArguments arguments =
        RawArguments.of(List.of("backup", "a\ufffdb"), commandLine("java", "Main", "backup", LOST));
    assertThat(arguments.bytesAt(1)).isEqualTo(LOST);
    assertThat(arguments.bytesOf("a\ufffdb")).isEqualTo(LOST);
  }

  @Test
  void theValueOfAnOptionComesBack() throws Exception {
    byte[] option = concatenate("--target=".getBytes(StandardCharsets.US_ASCII), LOST);
    RawArguments arguments =
        RawArguments.of(List.of("--target=a??b"), commandLine("java", "Main", option));
    assertThat(arguments.bytesOf("a??b")).isEqualTo(LOST);
  }

  @Test
  void anEmptyArgumentKeepsItsPlace() {
    RawArguments arguments =
        RawArguments.of(List.of("", "a\ufffdb"), commandLine("java", "Main", "", LOST));
    assertThat(arguments.bytesAt(0)).isEmpty();
    assertThat(arguments.bytesAt(1)).isEqualTo(LOST);
  }

  @Test
  void argumentsThatWereNotOnTheCommandLineAreEncoded() {
    RawArguments arguments =
        RawArguments.of(List.of("other"), commandLine("java", "Main", "backup"));
    assertThat(arguments.bytesAt(0)).isEqualTo("other".getBytes(StandardCharsets.US_ASCII));
    assertThat(RawArguments.of(List.of("x", "y"), Optional.empty()).bytesAt(1))
        .isEqualTo(new byte[] {'y'});
  }

  @Test
  void whatWasTypedIsToldFromWhatStandsInItsPlace() throws Exception {
    byte[] mark = "a\ufffdb".getBytes(StandardCharsets.UTF_8);
    for (String text : List.of("a\ufffdb", "a??b")) {
      assertThat(RawArguments.of(List.of(text), commandLine("java", "Main", LOST)).isText(text))
          .isFalse();
    }
    assertThat(
            RawArguments.of(List.of("a\ufffdb"), commandLine("java", "Main", mark))
                .isText("a\ufffdb"))
        .isTrue();
    assertThat(RawArguments.of(List.of("a?b"), commandLine("java", "Main", "a?b")).isText("a?b"))
        .isTrue();
  }

  @Test
  void aTextThatStandsForTwoArgumentsIsRefused() {
    RawArguments arguments =
        RawArguments.of(
            List.of("a\ufffdb", "a\ufffdb"), commandLine("java", "Main", LOST, ALSO_LOST));
    assertThatThrownBy(() -> arguments.bytesOf("a\ufffdb")).isInstanceOf(RefusedException.class);
  }

  private static Optional<byte[]> commandLine(Object... words) {
    byte[] line = {};
    for (Object word : words) {
      byte[] bytes =
          word instanceof byte[] raw ? raw : ((String) word).getBytes(StandardCharsets.US_ASCII);
      line = concatenate(concatenate(line, bytes), new byte[1]);
    }
    return Optional.of(line);
  }

  private static byte[] concatenate(byte[] left, byte[] right) {
    byte[] both = new byte[left.length + right.length];
    System.arraycopy(left, 0, both, 0, left.length);
    System.arraycopy(right, 0, both, left.length, right.length);
    return both;
  }
}
