package org.holdfast.client.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.holdfast.core.CorruptException;
import org.junit.jupiter.api.Test;

final class TreePathTest {
  @Test
  void pathsAreOrderedNameByName() {
    List<String> ordered = List.of("", "a", "a/b", "a/b/c", "a/é", "a!", "a.b", "aa", "b", "é");
    for (int left = 0; left < ordered.size(); left++) {
      for (int right = 0; right < ordered.size(); right++) {
        int order = TreePath.compare(bytes(ordered.get(left)), bytes(ordered.get(right)));
        assertThat(Integer.signum(order)).isEqualTo(Integer.compare(left, right));
      }
    }
  }

  @Test
  void aPathSplitsIntoParentAndName() {
    assertThat(TreePath.parent(bytes("a/b/c"))).isEqualTo(bytes("a/b"));
    assertThat(TreePath.name(bytes("a/b/c"))).isEqualTo(bytes("c"));
    assertThat(TreePath.parent(bytes("a"))).isEmpty();
    assertThat(TreePath.name(bytes("a"))).isEqualTo(bytes("a"));
    assertThat(TreePath.join(bytes("a"), bytes("b"))).isEqualTo(bytes("a/b"));
    assertThat(TreePath.join(TreePath.root(), bytes("b"))).isEqualTo(bytes("b"));
  }

  @Test
  void aFolderHoldsItselfAndWhatIsBelow() {
    assertThat(TreePath.isWithin(bytes("a/b"), bytes("a"))).isTrue();
    assertThat(TreePath.isWithin(bytes("a"), bytes("a"))).isTrue();
    assertThat(TreePath.isWithin(bytes("ab"), bytes("a"))).isFalse();
    assertThat(TreePath.isWithin(bytes("a"), bytes("a/b"))).isFalse();
    assertThat(TreePath.isWithin(bytes("a"), TreePath.root())).isTrue();
  }

  @Test
  void pathsThatCouldLeadOutAreRefused() {
    for (String path :
        List.of("", "/", "/etc", "a/", "a//b", ".", "..", "a/..", "../a", "a/./b", "a\0b")) {
      assertThatThrownBy(() -> TreePath.check(bytes(path)))
          .as(path)
          .isInstanceOf(CorruptException.class);
    }
  }

  @Test
  void oddButHarmlessNamesAreTaken() {
    byte[] invalidText = {(byte) 0xff, '\n', '\\', (byte) 0x80};
    assertThatCode(() -> TreePath.check(invalidText)).doesNotThrowAnyException();
    for (String path : List.of("...", "..a", ".a", "a./b", " ", "a/...")) {
      assertThatCode(() -> TreePath.check(bytes(path))).as(path).doesNotThrowAnyException();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
