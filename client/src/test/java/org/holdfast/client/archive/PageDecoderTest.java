package org.holdfast.client.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.holdfast.client.archive.ArchivePathTest.path;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.holdfast.client.archive.Attributes.Attribute;
import org.holdfast.client.archive.Entry.Device;
import org.holdfast.client.archive.Entry.DeviceKind;
import org.holdfast.client.archive.Entry.Fifo;
import org.holdfast.client.archive.Entry.Folder;
import org.holdfast.client.archive.Entry.RegularFile;
import org.holdfast.client.archive.Entry.Symlink;
import org.holdfast.client.archive.Extent.Hole;
import org.holdfast.client.archive.Extent.Piece;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class PageDecoderTest {
  private static final long T = 1_700_000_000;
  private static final Bytes ROOT = Bytes.wrap("root".getBytes());
  private static final Bytes STAFF = Bytes.wrap("staff".getBytes());

  private final Bytes references;
  private final Bytes content;

  PageDecoderTest() throws Exception {
    references = Pages.golden("page-references.hex");
    content = Pages.golden("page-entries.hex");
  }

  @Test
  void goldenPageHoldsTheseEntries() throws Exception {
    assertThat(Pages.decode(references, content)).isEqualTo(goldenEntries());
    assertThat(PageReferences.decode(references)).containsExactly(chunk(0xa1), chunk(0xb2));
  }

  @Test
  void theseEntriesMakeTheGoldenPage() throws Exception {
    EncodedPage page = Pages.single(goldenEntries());
    assertThat(page.references()).isEqualTo(references);
    assertThat(page.content()).isEqualTo(content);
    assertThat(page.first()).isEqualTo(ArchivePath.ROOT);
    assertThat(page.entries()).isEqualTo(9);
    assertThat(page.bytes()).isEqualTo(3_001_020);
  }

  @Test
  void everyTruncationIsRefused() {
    for (int i = 0; i < content.length(); i++) {
      Bytes cut = Pages.truncate(content, i);
      assertCorrupt(references, cut);
    }
    for (int i = 0; i < references.length(); i++) {
      Bytes cut = Pages.truncate(references, i);
      assertCorrupt(cut, content);
    }
  }

  @Test
  void bytesLeftOverAreRefused() {
    Bytes longer = Bytes.wrap(Arrays.copyOf(content.toArray(), content.length() + 1));
    assertCorrupt(references, longer);
    Bytes longerReferences =
        Bytes.wrap(Arrays.copyOf(references.toArray(), references.length() + 1));
    assertCorrupt(longerReferences, content);
  }

  @Test
  void everyFlippedBitIsRefusedOrMeansSomethingElse() {
    int refused = 0;
    for (int bit = 0; bit < content.length() * 8; bit++) {
      refused += isRefusedOrCanonical(references, Pages.flip(content, bit));
    }
    for (int bit = 0; bit < references.length() * 8; bit++) {
      refused += isRefusedOrCanonical(Pages.flip(references, bit), content);
    }
    assertThat(refused).isGreaterThan(1_000);
  }

  @Test
  void whateverRandomBytesDecodeToHasOnlyThatEncoding() {
    Random random = new Random(11);
    for (int i = 0; i < 300; i++) {
      EncodedPage page = Pages.single(new RandomEntries(i).list(1 + random.nextInt(20)));
      for (int j = 0; j < 100; j++) {
        byte[] mutated = page.content().toArray();
        for (int k = random.nextInt(3); k >= 0; k--) {
          int at = random.nextInt(Math.min(mutated.length, 3_000));
          mutated[at] = (byte) (random.nextBoolean() ? random.nextInt() : random.nextInt(4));
        }
        isRefusedOrCanonical(page.references(), Bytes.wrap(mutated));
      }
    }
  }

  @Test
  void aChunkNamedTwiceIsRefused() {
    byte[] twice = references.toArray();
    System.arraycopy(twice, 2, twice, 2 + BlockName.LENGTH, BlockName.LENGTH);
    assertCorrupt(Bytes.wrap(twice), content);
  }

  @Test
  void anAttributeSetThatComesTwiceIsRefused() throws Exception {
    EncodedPage page =
        Pages.single(List.of(withAttribute("a", "eeeeee"), withAttribute("b", "eeeeef")));
    String twice = page.content().toString().replace("eeeeef", "eeeeee");
    assertThat(Pages.decode(page.references(), page.content())).hasSize(2);
    assertCorrupt(page.references(), Bytes.ofHex(twice));
  }

  @Test
  void countsAreNotTrusted() {
    Sink sink = new Sink(64);
    sink.u8(1);
    sink.varint(Long.MAX_VALUE);
    assertCorrupt(sink.toBytes(), content);
    assertCorrupt(references, sink.toBytes());
    sink.clear();
    sink.u8(1);
    sink.varint(0);
    sink.varint(Long.MAX_VALUE);
    assertCorrupt(references, sink.toBytes());
    sink.clear();
    sink.u8(1);
    sink.varint(0);
    sink.varint(0);
    sink.varint(4_097);
    assertCorrupt(references, sink.toBytes());
  }

  @Test
  void everyRandomEntryComesBackExactly() throws Exception {
    for (int seed = 0; seed < 40; seed++) {
      List<Entry> entries = new RandomEntries(seed).list(1 + seed * 25);
      EncodedPage page = Pages.single(entries);
      assertThat(Pages.decode(page.references(), page.content())).isEqualTo(entries);
      assertThat(page.entries()).isEqualTo(entries.size());
    }
  }

  @Test
  void aFileShortOfItsSizeIsRefused() throws Exception {
    Metadata metadata = new RandomEntries(1).metadata();
    RegularFile file =
        new RegularFile(path("f"), metadata, 9, 0, false, RegularFile.NO_TAG, List.of(new Hole(8)));
    EncodedPage page = Pages.single(List.of(file));
    assertCorrupt(page.references(), page.content());
  }

  @Test
  void aLaterPartOfAFileIsRefusedBehindAnotherEntry() throws Exception {
    Metadata metadata = new RandomEntries(1).metadata();
    RegularFile part =
        new RegularFile(path("f"), metadata, 9, 1, false, RegularFile.NO_TAG, List.of(new Hole(8)));
    EncodedPage alone = Pages.single(List.of(part));
    assertThat(Pages.decode(List.of(alone))).containsExactly(part);
    EncodedPage page = Pages.single(List.of(new Fifo(path("a"), metadata), part));
    assertCorrupt(page.references(), page.content());
  }

  /// The worst page for time and memory: the longest paths, each an addition of one byte.
  @Test
  void longSharedPathsStayCheap() throws Exception {
    Metadata metadata = goldenEntries().getFirst().metadata();
    String base = "x".repeat(61_000);
    List<Entry> entries = new ArrayList<>();
    StringBuilder name = new StringBuilder(base);
    for (int i = 0; i < 4_096; i++) {
      entries.add(new Fifo(path(name.append('y').toString()), metadata));
    }
    EncodedPage page = Pages.single(entries);
    entries.clear();
    PageDecoder decoder = new PageDecoder(page.references(), page.content());
    int read = 0;
    while (decoder.hasNext()) {
      decoder.next();
      read++;
    }
    assertThat(read).isEqualTo(4_096);
  }

  /// 1 if refused; if not, the page must be what its entries encode to.
  private static int isRefusedOrCanonical(Bytes references, Bytes content) {
    List<Entry> entries;
    try {
      entries = Pages.decode(references, content);
    } catch (CorruptException _) {
      return 1;
    }
    EncodedPage again = Pages.single(entries);
    assertThat(again.references()).isEqualTo(references);
    assertThat(again.content()).isEqualTo(content);
    return 0;
  }

  private static void assertCorrupt(Bytes references, Bytes content) {
    assertThatExceptionOfType(CorruptException.class)
        .isThrownBy(() -> Pages.decode(references, content));
  }

  static List<Entry> goldenEntries() throws CorruptException {
    Bytes key = Bytes.wrap("user.k".getBytes());
    Attributes set =
        Attributes.of(
            List.of(
                new Attribute(Bytes.wrap("user.z".getBytes()), Bytes.ofHex("")),
                new Attribute(key, Bytes.ofHex("0102"))));
    List<Extent> extents =
        List.of(
            new Piece(chunk(0xa1), 0, 1 << 20),
            new Hole(1_000_000),
            new Piece(chunk(0xb2), 7, 900_000),
            new Piece(chunk(0xb2), 900_007, 52_424));
    return List.of(
        new Folder(
            ArchivePath.ROOT,
            new Metadata(
                0755,
                0,
                0,
                ROOT,
                ROOT,
                T,
                500_000_000,
                T + 10,
                1,
                2,
                64_768,
                Attributes.NONE,
                null),
            true),
        new Folder(
            path("a"),
            new Metadata(01777, 0, 50, ROOT, STAFF, -1, 999_999_999, T, 0, 77, 64_768, set, null),
            false),
        new RegularFile(
            path("a/big"),
            new Metadata(
                0644,
                1000,
                50,
                Metadata.NO_NAME,
                STAFF,
                T,
                0,
                T,
                0,
                78,
                64_768,
                Attributes.NONE,
                null),
            3_001_000,
            0,
            false,
            Bytes.ofHex("000102030405060708090a0b0c0d0e0f"),
            extents),
        new Device(path("a/c"), metadata(0600, T, 79, null), DeviceKind.CHARACTER, 1, 3),
        new Device(path("a/d"), metadata(0600, T, 80, null), DeviceKind.BLOCK, 8, -1),
        new Fifo(
            path("a/fifo"),
            new Metadata(
                0600,
                -2,
                0,
                Metadata.NO_NAME,
                ROOT,
                T,
                0,
                Long.MIN_VALUE,
                0,
                81,
                64_768,
                Attributes.NONE,
                null)),
        new Symlink(
            path("a/link"), metadata(0777, Long.MAX_VALUE, 82, null), Bytes.wrap("big".getBytes())),
        new RegularFile(
            path("a/one"),
            metadata(0644, T, -1, ArchivePath.ROOT),
            10,
            0,
            false,
            RegularFile.NO_TAG,
            List.of(new Piece(chunk(0xb2), 952_431, 10))),
        new RegularFile(
            path("a/\u00ff"),
            new Metadata(
                0644, 0, 0, ROOT, ROOT, T, 0, T, 0, -1, 64_769, Attributes.NONE, path("a/one")),
            10,
            0,
            true,
            RegularFile.NO_TAG,
            List.of(new Piece(chunk(0xb2), 952_431, 10))));
  }

  private static Metadata metadata(int mode, long time, long inode, @Nullable ArchivePath link) {
    return new Metadata(
        mode, 0, 0, ROOT, ROOT, time, 0, time, 0, inode, 64_768, Attributes.NONE, link);
  }

  private static Fifo withAttribute(String path, String value) throws CorruptException {
    Attribute attribute = new Attribute(Bytes.wrap("user.k".getBytes()), Bytes.ofHex(value));
    return new Fifo(
        path(path),
        new Metadata(
            0600, 0, 0, ROOT, ROOT, T, 0, T, 0, 0, 0, Attributes.of(List.of(attribute)), null));
  }

  static BlockName chunk(int each) {
    byte[] name = new byte[BlockName.LENGTH];
    Arrays.fill(name, (byte) each);
    return BlockName.of(name);
  }
}
