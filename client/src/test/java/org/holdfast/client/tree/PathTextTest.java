package org.holdfast.client.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.holdfast.core.RefusedException;
import org.junit.jupiter.api.Test;

final class PathTextTest {
  @Test
  void printableTextIsPrintedAsItIs() {
    assertThat(print("home/émile/日本 😀.txt")).isEqualTo("home/émile/日本 😀.txt");
  }

  @Test
  void whatMovesTheCursorIsEscaped() {
    assertThat(print("a\nb\u001b[2Jc\u007f")).isEqualTo("a\\x0ab\\x1b[2Jc\\x7f");
    assertThat(print("\u009b31m")).isEqualTo("\\xc2\\x9b31m");
    assertThat(print("txt.\u202eexe")).isEqualTo("txt.\\xe2\\x80\\xaeexe");
    assertThat(print("a\\b")).isEqualTo("a\\\\b");
  }

  @Test
  void bytesThatAreNoTextAreEscaped() {
    byte[] name = {'a', (byte) 0xff, (byte) 0xc3, 'b', (byte) 0xed, (byte) 0xa0, (byte) 0x80};
    assertThat(PathText.print(name)).isEqualTo("a\\xff\\xc3b\\xed\\xa0\\x80");
  }

  @Test
  void parsingInvertsPrinting() throws Exception {
    Random random = new Random(7);
    for (int round = 0; round < 2000; round++) {
      byte[] path = new byte[random.nextInt(20)];
      random.nextBytes(path);
      String text = PathText.print(path);
      assertThat(PathText.parse(text)).isEqualTo(path);
      assertThat(text.chars().noneMatch(Character::isISOControl)).isTrue();
    }
  }

  @Test
  void aBackslashThatStartsNothingIsRefused() {
    for (String text : new String[] {"a\\", "\\q", "\\x1", "\\xzz"}) {
      assertThatThrownBy(() -> PathText.parse(text)).isInstanceOf(RefusedException.class);
    }
  }

  private static String print(String text) {
    return PathText.print(text.getBytes(StandardCharsets.UTF_8));
  }
}
