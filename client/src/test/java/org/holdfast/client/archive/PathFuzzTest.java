package org.holdfast.client.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.holdfast.client.tree.PathText;
import org.holdfast.client.tree.TreePath;
import org.holdfast.core.CorruptException;
import org.holdfast.core.FuzzContract;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;

/// Paths from an archive, or as a person types them. Who writes files and who reads archives refuse
/// the same ones; both put them in the same order; what is printed is read as what it was, and
/// moves no cursor.
final class PathFuzzTest extends FuzzContract {
  @Override
  protected List<byte[]> seeds() {
    return List.of(
        "home/émile/日本 😀.txt".getBytes(StandardCharsets.UTF_8),
        "a/b/c\0a/b-c".getBytes(StandardCharsets.UTF_8),
        "../a/.b/..".getBytes(StandardCharsets.UTF_8),
        "./a//b\0a/...".getBytes(StandardCharsets.UTF_8),
        "a\\x1b[2J\\\\b\\xff".getBytes(StandardCharsets.UTF_8),
        new byte[] {'a', (byte) 0xff, (byte) 0xc3, 'b', (byte) 0xed, (byte) 0xa0, (byte) 0x80});
  }

  /// Only text that a person has typed is [RefusedException].
  @Override
  protected Class<? extends HoldfastException> refusal() {
    return RefusedException.class;
  }

  @Override
  protected long allocatedMax(int length) {
    return super.allocatedMax(length) + 10_000L * length;
  }

  @Override
  protected void parse(byte[] input) throws Exception {
    assertThat(isArchived(input)).isEqualTo(input.length == 0 || isRestored(input));
    checkOrder(input);
    String printed = PathText.print(input);
    assertThat(PathText.parse(printed)).isEqualTo(input);
    assertThat(printed.chars().anyMatch(Character::isISOControl)).isFalse();
    byte[] typed = PathText.parse(new String(input, StandardCharsets.UTF_8));
    assertThat(PathText.parse(PathText.print(typed))).isEqualTo(typed);
  }

  /// Two paths with a NUL between them, if they are that.
  private static void checkOrder(byte[] input) {
    int end = 0;
    while (end < input.length && input[end] != 0) {
      end++;
    }
    byte[] left = Arrays.copyOf(input, end);
    byte[] right = Arrays.copyOfRange(input, Math.min(end + 1, input.length), input.length);
    try {
      ArchivePath first = ArchivePath.of(left);
      ArchivePath second = ArchivePath.of(right);
      assertThat(Integer.signum(first.compareTo(second)))
          .isEqualTo(Integer.signum(TreePath.compare(left, right)));
      assertThat(first.contains(second)).isEqualTo(TreePath.isWithin(right, left));
      assertThat(first.parent().toArray()).isEqualTo(TreePath.parent(left));
      assertThat(first.name()).isEqualTo(TreePath.name(left));
    } catch (CorruptException _) {
      return;
    }
  }

  private static boolean isArchived(byte[] path) {
    try {
      return Arrays.equals(ArchivePath.of(path).toArray(), path);
    } catch (CorruptException _) {
      return false;
    }
  }

  private static boolean isRestored(byte[] path) {
    try {
      TreePath.check(path);
      return path.length <= ArchivePath.LENGTH_MAX;
    } catch (CorruptException _) {
      return false;
    }
  }
}
