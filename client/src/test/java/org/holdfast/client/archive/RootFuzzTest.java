package org.holdfast.client.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.FuzzContract;

/// A root: the length of its references in two bytes, its references, its content. With another
/// signature or content than the signed one it is refused; whatever the key's owner has signed is
/// refused or written again to the same bytes.
final class RootFuzzTest extends FuzzContract {
  private final byte[] golden;

  RootFuzzTest() throws Exception {
    golden =
        PageFuzzTest.joined(Pages.golden("root-references.hex"), Pages.golden("root-content.hex"));
  }

  @Override
  protected List<byte[]> seeds() {
    return List.of(golden);
  }

  @Override
  protected int rounds() {
    return 2_000;
  }

  @Override
  protected void parse(byte[] input) throws Exception {
    byte[] references = PageFuzzTest.first(input).toArray();
    byte[] content = PageFuzzTest.second(input).toArray();
    boolean known = Arrays.equals(input, golden);
    assertThat(isRead(references, content)).isEqualTo(known);

    List<byte[]> signature = new ArrayList<>();
    Root root = Root.decode(references, (_, bytes) -> signature.add(bytes));
    assertThat(root.encode(_ -> signature.getFirst())).isEqualTo(references);
    RootContent read = RootContent.decode(content, signing(root, RootContent.hash(content)));
    assertThat(read.encode()).isEqualTo(content);
    assertThat(read.entries()).isEqualTo(root.entries());
    assertThat(read.bytes()).isEqualTo(root.bytes());
    assertThat(read.pagesFor(ArchivePath.ROOT).to()).isEqualTo(root.pages().size());
  }

  private static boolean isRead(byte[] references, byte[] content) {
    try {
      RootContent.decode(content, Root.decode(references, RootFuzzTest::isSigned));
      return true;
    } catch (CorruptException _) {
      return false;
    }
  }

  /// As the golden root is signed: by a hash.
  private static boolean isSigned(byte[] bytes, byte[] signature) {
    return Arrays.equals(RootContent.hash(bytes).toArray(), signature);
  }

  private static Root signing(Root root, Bytes contentHash) {
    return new Root(
        root.machine(),
        root.sequence(),
        root.previous(),
        root.startMillis(),
        root.endMillis(),
        root.partial(),
        root.tag(),
        root.entries(),
        root.bytes(),
        root.newBytes(),
        contentHash,
        root.pages());
  }
}
