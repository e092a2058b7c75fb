package org.holdfast.client.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.holdfast.core.RefusedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class GlobTest {
  @ParameterizedTest
  @CsvSource({
    // Without a slash at its begin: at every depth.
    "*.o, /a/b/c.o, true",
    "*.o, /a.o/b, false",
    "*.o, /o, false",
    "b/c, /a/b/c, true",
    "b/c, /a/b/x/c, false",
    "cache, /home/ann/cache, true",
    "cache, /home/ann/cached, false",
    // With one: from the root on.
    "/a/b, /a/b, true",
    "/a/b, /x/a/b, false",
    "/a, /a/b, false",
    "/*/b, /a/b, true",
    "/*/b, /a/c/b, false",
    // Any folders.
    "/a/**/d, /a/d, true",
    "/a/**/d, /a/b/c/d, true",
    "/a/**/d, /a/b/c/e, false",
    "**/d, /d, true",
    "a/**, /x/a, false",
    "a/**, /x/a/b/c, true",
    "a/**/b/**/c, /a/b/x/b/y/z/c, true",
    "a/**/b/**/c, /a/x/y/z/c, false",
    // Within a name.
    "a**b, /axxb, true",
    "a*b*c, /aXbYbZc, true",
    "a*b*c, /acb, false",
    "?, /ä, true",
    "??, /ä, false",
    "[a-c]x, /bx, true",
    "[a-c]x, /dx, false",
    "[!a-c]x, /dx, true",
    "[^a-c]x, /bx, false",
    "[]x]y, /]y, true",
    "[a-]y, /-y, true",
    "[ä-ü]y, /öy, true",
    "\\*x, /*x, true",
    "\\*x, /ax, false",
    "[\\]a]x, /]x, true",
    ".hid*, /.hidden, true",
    "*, /.hidden, true",
    "./a, /a, true",
    "a//b, /a/b, true",
  })
  void matchesAsThePatternsOfOthersDo(String pattern, String path, boolean isMatch)
      throws Exception {
    assertThat(matches(pattern, path, false, false)).isEqualTo(isMatch);
  }

  @Test
  void aSlashAtTheEndIsForFolders() throws Exception {
    assertThat(matches("build/", "/a/build", true, false)).isTrue();
    assertThat(matches("build/", "/a/build", false, false)).isFalse();
  }

  @Test
  void caseNeedNotCount() throws Exception {
    assertThat(matches("*.JPG", "/a/ä.jpg", false, false)).isFalse();
    assertThat(matches("*.JPG", "/a/ä.jpg", false, true)).isTrue();
    assertThat(matches("Ä[A-C]*", "/äb1", false, true)).isTrue();
    assertThat(matches("ä[a-c]*", "/ÄB1", false, true)).isTrue();
    assertThat(matches("ä[!a-c]*", "/ÄB1", false, true)).isFalse();
  }

  /// Latin-1 in old archives: such a byte is a character, and equals itself alone.
  @Test
  void namesThatAreNotUtf8AreMatchedByte() throws Exception {
    byte[] name = "/caf?".getBytes(StandardCharsets.ISO_8859_1);
    name[4] = (byte) 0xe9;
    assertThat(matches("caf?".getBytes(StandardCharsets.UTF_8), name)).isTrue();
    assertThat(matches("caf??".getBytes(StandardCharsets.UTF_8), name)).isFalse();
    assertThat(matches("caf\u00e9".getBytes(StandardCharsets.UTF_8), name)).isFalse();
    assertThat(matches(Arrays.copyOfRange(name, 1, 5), name)).isTrue();
    byte[] other = name.clone();
    other[4] = (byte) 0xe8;
    assertThat(matches(other, name)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", ".", "a/../b", "[a", "[a-", "[]", "a\\", "[b-a]", "[a\\"})
  void whatIsNoPatternIsRefused(String pattern) {
    byte[] bytes = pattern.getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> Glob.of(bytes, false))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("'" + pattern.replace("\\", "\\\\") + "'");
  }

  /// Each of many `*` tried at each place is a time that nobody lives to see.
  @Test
  void noPatternTakesForEver() throws Exception {
    String name = "a".repeat(255);
    assertThat(matches("*a".repeat(100) + "b", "/" + name, false, false)).isFalse();
    assertThat(matches("**/a/".repeat(50) + "b", "/a".repeat(2_000), false, false)).isFalse();
  }

  private static boolean matches(byte[] pattern, byte[] path) throws Exception {
    return Glob.of(pattern, false).matches(Glob.names(path), false);
  }

  private static boolean matches(String pattern, String path, boolean isFolder, boolean anyCase)
      throws Exception {
    return Glob.of(pattern.getBytes(StandardCharsets.UTF_8), anyCase)
        .matches(Glob.names(path.getBytes(StandardCharsets.UTF_8)), isFolder);
  }
}
