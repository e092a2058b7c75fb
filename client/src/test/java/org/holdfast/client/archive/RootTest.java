package org.holdfast.client.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.holdfast.client.archive.ArchivePathTest.path;
import static org.holdfast.client.archive.PageDecoderTest.chunk;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.holdfast.client.archive.RootContent.PageRange;
import org.holdfast.client.archive.RootContent.PageStart;
import org.holdfast.client.archive.RootContent.Unreadable;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.InvariantException;
import org.holdfast.core.MachineId;
import org.junit.jupiter.api.Test;

final class RootTest {
  private final Bytes references;
  private final Bytes content;

  RootTest() throws Exception {
    references = Pages.golden("root-references.hex");
    content = Pages.golden("root-content.hex");
  }

  @Test
  void goldenRootReadsAndWritesTheSame() throws Exception {
    assertThat(Bytes.wrap(goldenContent().encode())).isEqualTo(content);
    assertThat(Bytes.wrap(goldenRoot().encode(RootTest::sign))).isEqualTo(references);
    assertThat(decode(references)).isEqualTo(goldenRoot());
    assertThat(RootContent.decode(content.toArray(), goldenRoot())).isEqualTo(goldenContent());
  }

  @Test
  void everyFlippedBitIsRefused() {
    for (int bit = 0; bit < references.length() * 8; bit++) {
      Bytes flipped = Pages.flip(references, bit);
      assertThatExceptionOfType(CorruptException.class).isThrownBy(() -> decode(flipped));
    }
    for (int bit = 0; bit < content.length() * 8; bit++) {
      byte[] flipped = Pages.flip(content, bit).toArray();
      assertThatExceptionOfType(CorruptException.class)
          .isThrownBy(() -> RootContent.decode(flipped, goldenRoot()));
    }
  }

  @Test
  void everyTruncationIsRefused() {
    for (int i = 0; i < references.length(); i++) {
      Bytes cut = Pages.truncate(references, i);
      assertThatExceptionOfType(CorruptException.class).isThrownBy(() -> decode(cut));
    }
    for (int i = 0; i < content.length(); i++) {
      byte[] cut = Pages.truncate(content, i).toArray();
      assertThatExceptionOfType(CorruptException.class)
          .isThrownBy(() -> RootContent.decode(cut, goldenRoot()));
    }
  }

  /// As above, but signed by someone who has the key: still no other exception.
  @Test
  void everyBitFlippedByTheOwnerIsRefusedOrMeansSomethingElse() throws Exception {
    for (int bit = 0; bit < references.length() * 8; bit++) {
      byte[] flipped = Pages.flip(references, bit).toArray();
      try {
        Root root = Root.decode(flipped, (_, _) -> true);
        byte[] signature = Arrays.copyOfRange(flipped, flipped.length - 32, flipped.length);
        assertThat(root.encode(_ -> signature)).isEqualTo(flipped);
      } catch (CorruptException _) {
        continue;
      }
    }
    for (int bit = 0; bit < content.length() * 8; bit++) {
      byte[] flipped = Pages.flip(content, bit).toArray();
      try {
        RootContent read = RootContent.decode(flipped, goldenRoot(RootContent.hash(flipped)));
        assertThat(read.encode()).isEqualTo(flipped);
      } catch (CorruptException _) {
        continue;
      }
    }
  }

  @Test
  void aWrongSignatureIsRefused() throws Exception {
    assertThatExceptionOfType(CorruptException.class)
        .isThrownBy(() -> Root.decode(references.toArray(), (_, _) -> false))
        .withMessageContaining("not signed");
    assertThat(RootContent.hash(goldenRoot().signedBytes()).toArray())
        .isEqualTo(sign(goldenRoot().signedBytes()));
  }

  @Test
  void anotherContentThanTheSignedOneIsRefused() throws Exception {
    RootContent other = content(List.of(new PageStart(path("z"), 12, 306)));
    assertThatExceptionOfType(CorruptException.class)
        .isThrownBy(() -> RootContent.decode(other.encode(), goldenRoot()))
        .withMessageContaining("another content");
  }

  @Test
  void pagesThatAreNotSortedAreRefused() throws Exception {
    PageStart a = new PageStart(path("a"), 2, 5);
    assertThatExceptionOfType(InvariantException.class).isThrownBy(() -> content(List.of(a, a)));
    PageStart b = new PageStart(path("b"), 2, 5);
    assertThatExceptionOfType(InvariantException.class).isThrownBy(() -> content(List.of(b, a)));
  }

  @Test
  void onlyTheFirstArchiveHasNoPrevious() throws Exception {
    byte[] first = references.toArray();
    Arrays.fill(first, 25, 57, (byte) 0);
    assertThatExceptionOfType(CorruptException.class)
        .isThrownBy(() -> Root.decode(first, (_, _) -> true));
    first[24] = 1;
    assertThat(Root.decode(first, (_, _) -> true).sequence()).isEqualTo(1);
  }

  @Test
  void pagesThatDoNotAddUpToTheTotalsAreRefused() throws Exception {
    for (int more = 0; more < 2; more++) {
      RootContent other =
          content(
              List.of(
                  new PageStart(ArchivePath.ROOT, 9, 300),
                  new PageStart(path("b"), 1, 5),
                  new PageStart(path("c"), 2 + more, 2 - more)));
      byte[] part = other.encode();
      assertThatExceptionOfType(CorruptException.class)
          .isThrownBy(() -> RootContent.decode(part, goldenRoot(RootContent.hash(part))))
          .withMessageContaining("add up");
    }
  }

  @Test
  void anArchiveWithoutPagesHasNoRange() throws Exception {
    assertThat(content(List.of()).pagesFor(ArchivePath.ROOT).isEmpty()).isTrue();
  }

  @Test
  void pagesForASubtreeAreThoseThatHoldAnyOfIt() throws Exception {
    for (int seed = 0; seed < 5; seed++) {
      List<Entry> entries = new RandomEntries(seed).list(3_000);
      List<EncodedPage> pages = Pages.encode(entries);
      RootContent root = content(pages.stream().map(PageStart::of).toList());
      Set<ArchivePath> subtrees = new TreeSet<>();
      entries.forEach(each -> subtrees.add(each.path()));
      subtrees.add(path("not/there"));
      List<List<Entry>> decoded = new ArrayList<>();
      for (EncodedPage each : pages) {
        decoded.add(Pages.decode(List.of(each)));
      }
      for (ArchivePath subtree : subtrees) {
        assertRange(root.pagesFor(subtree), subtree, decoded);
      }
    }
  }

  @Test
  void pagesForALongFileAreAllOfItsParts() throws Exception {
    List<Entry> entries = new ArrayList<>(new RandomEntries(1).list(500));
    ArchivePath b = path("b");
    entries.removeIf(each -> each.path().compareTo(b) >= 0);
    entries.add(PageEncoderTest.longFile("b", 40_000));
    List<EncodedPage> pages = Pages.encode(entries);
    RootContent root = content(pages.stream().map(PageStart::of).toList());
    assertThat(root.pagesFor(path("b"))).isEqualTo(new PageRange(pages.size() - 3, pages.size()));
    assertThat(root.pagesFor(path("b/below")))
        .isEqualTo(new PageRange(pages.size() - 1, pages.size()));
  }

  /// Exactly the pages that hold any of the subtree, but for one before them, since only first
  /// paths are known.
  private static void assertRange(PageRange range, ArchivePath subtree, List<List<Entry>> pages) {
    for (int i = 0; i < pages.size(); i++) {
      boolean holds = pages.get(i).stream().anyMatch(each -> subtree.contains(each.path()));
      boolean isInRange = i >= range.from() && i < range.to();
      assertThat(isInRange).isEqualTo(holds || (isInRange && i == range.from()));
    }
  }

  private static Root decode(Bytes part) throws CorruptException {
    return Root.decode(part.toArray(), (bytes, signature) -> Arrays.equals(sign(bytes), signature));
  }

  private static byte[] sign(byte[] bytes) {
    return RootContent.hash(bytes).toArray();
  }

  private Root goldenRoot() {
    return goldenRoot(RootContent.hash(content.toArray()));
  }

  private static Root goldenRoot(Bytes contentHash) {
    byte[] machine = new byte[MachineId.LENGTH];
    Arrays.fill(machine, (byte) 0x11);
    return new Root(
        MachineId.of(machine),
        2,
        chunk(0x33),
        1_700_000_000_000L,
        1_700_000_001_234L,
        false,
        "host",
        12,
        306,
        4_096,
        contentHash,
        List.of(chunk(0x44), chunk(0x55), chunk(0x66)));
  }

  private static RootContent goldenContent() throws CorruptException {
    RootContent golden =
        content(
            List.of(
                new PageStart(ArchivePath.ROOT, 9, 300),
                new PageStart(path("b"), 1, 5),
                new PageStart(path("b"), 2, 1)));
    assertThat(golden.entries()).isEqualTo(12);
    assertThat(golden.bytes()).isEqualTo(306);
    return golden;
  }

  private static RootContent content(List<PageStart> pages) throws CorruptException {
    return new RootContent(
        "nightly-\u00e9",
        List.of("home", "x"),
        "host",
        "user",
        "holdfast 1",
        List.of(ArchivePath.ROOT, path("a/\u00ff")),
        pages,
        3,
        List.of(new Unreadable(path("a/x"), "no access")));
  }
}
