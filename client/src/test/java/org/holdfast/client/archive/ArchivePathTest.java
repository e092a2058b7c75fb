package org.holdfast.client.archive;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.holdfast.core.CorruptException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ArchivePathTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"/", "/a", "a/", "a//b", ".", "..", "a/.", "a/..", "./a", "../a", "a/../b", "\0"})
  void improperPathsAreRefused(String path) {
    assertThatExceptionOfType(CorruptException.class).isThrownBy(() -> path(path));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "...", ".a", "a.", "a/..b", "\u00ff/\n/ "})
  void properPathsKeepTheirBytes(String path) throws Exception {
    assertThat(path(path).toArray()).isEqualTo(path.getBytes(ISO_8859_1));
  }

  @Test
  void lengthIsBounded() throws Exception {
    assertThat(path("a".repeat(65_535)).length()).isEqualTo(65_535);
    assertThatExceptionOfType(CorruptException.class).isThrownBy(() -> path("a".repeat(65_536)));
  }

  @Test
  void orderIsThatOfAWalk() throws Exception {
    List<String> sorted =
        List.of("", "a", "a/b", "a/b/c", "a/b!", "a!", "a!/b", "a.b", "ab", "\u00ff");
    for (int i = 0; i < sorted.size(); i++) {
      for (int j = 0; j < sorted.size(); j++) {
        assertThat(Integer.signum(path(sorted.get(i)).compareTo(path(sorted.get(j)))))
            .isEqualTo(Integer.compare(i, j));
      }
    }
  }

  @Test
  void orderComparesComponentByComponent() throws Exception {
    Random random = new Random(5);
    for (int i = 0; i < 200_000; i++) {
      String a = randomPath(random);
      String b = randomPath(random);
      assertThat(Integer.signum(path(a).compareTo(path(b)))).isEqualTo(byComponents(a, b));
      assertThat(path(a).equals(path(b))).isEqualTo(a.equals(b));
    }
  }

  @Test
  void aFolderContainsItselfAndWhatIsBelowIt() throws Exception {
    assertThat(path("a/b").contains(path("a/b"))).isTrue();
    assertThat(path("a/b").contains(path("a/b/c/d"))).isTrue();
    assertThat(path("a/b").contains(path("a/bc"))).isFalse();
    assertThat(path("a/b").contains(path("a"))).isFalse();
    assertThat(ArchivePath.ROOT.contains(path("a"))).isTrue();
    assertThat(path("a").contains(ArchivePath.ROOT)).isFalse();
    assertThat(path("a/b").startsWith(path("a"))).isTrue();
  }

  @Test
  void parentAndNameMakeThePathAgain() throws Exception {
    ArchivePath path = path("a/bc/d");
    assertThat(path.parent()).isEqualTo(path("a/bc"));
    assertThat(path.name()).isEqualTo(new byte[] {'d'});
    assertThat(path.parent().child(path.name())).isEqualTo(path);
    assertThat(path("a").parent()).isEqualTo(ArchivePath.ROOT);
    assertThat(ArchivePath.ROOT.child(path("a").name())).isEqualTo(path("a"));
    assertThat(ArchivePath.ROOT.parent()).isEqualTo(ArchivePath.ROOT);
    assertThatExceptionOfType(CorruptException.class)
        .isThrownBy(() -> path.child("e/f".getBytes(ISO_8859_1)));
  }

  static ArchivePath path(String path) throws CorruptException {
    return ArchivePath.of(path.getBytes(ISO_8859_1));
  }

  private static String randomPath(Random random) {
    String alphabet = "ab!0\u0001\u0080\u00ff";
    StringBuilder path = new StringBuilder();
    for (int left = random.nextInt(4); left > 0; left--) {
      path.append(path.isEmpty() ? "" : "/");
      for (int i = random.nextInt(3); i >= 0; i--) {
        path.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
    }
    return path.toString();
  }

  private static int byComponents(String a, String b) {
    String[] as = a.isEmpty() ? new String[0] : a.split("/");
    String[] bs = b.isEmpty() ? new String[0] : b.split("/");
    for (int i = 0; i < Math.min(as.length, bs.length); i++) {
      int order = Arrays.compareUnsigned(as[i].getBytes(ISO_8859_1), bs[i].getBytes(ISO_8859_1));
      if (order != 0) {
        return Integer.signum(order);
      }
    }
    return Integer.compare(as.length, bs.length);
  }
}
