package org.holdfast.client.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.holdfast.client.archive.ArchivePathTest.path;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.holdfast.client.archive.Entry.Fifo;
import org.holdfast.client.archive.Entry.RegularFile;
import org.holdfast.client.archive.Entry.Symlink;
import org.holdfast.client.archive.Extent.Hole;
import org.holdfast.client.archive.Extent.Piece;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.InvariantException;
import org.junit.jupiter.api.Test;

final class PageEncoderTest {
  private final Metadata metadata =
      new Metadata(
          0644, 0, 0, Metadata.NO_NAME, Metadata.NO_NAME, 1, 0, 1, 0, 1, 1, Attributes.NONE, null);

  @Test
  void everyRandomArchiveComesBackExactly() throws Exception {
    for (int seed = 100; seed < 104; seed++) {
      List<Entry> entries = new RandomEntries(seed).list(5_000);
      assertThat(Pages.decode(Pages.encode(entries))).isEqualTo(entries);
    }
  }

  @Test
  void unsortedEntriesAreRefused() throws Exception {
    PageEncoder encoder = new PageEncoder(Pages.KEY);
    encoder.add(fifo("a/b"));
    assertThatExceptionOfType(InvariantException.class).isThrownBy(() -> encoder.add(fifo("a/b")));
    assertThatExceptionOfType(InvariantException.class).isThrownBy(() -> encoder.add(fifo("a")));
    encoder.add(fifo("a!"));
    encoder.finish();
    assertThat(encoder.finish()).isEmpty();
  }

  @Test
  void unsortedEntriesAreRefusedAlsoWhereAPageEnds() throws Exception {
    PageEncoder encoder = new PageEncoder(Pages.KEY);
    int i = 10_000;
    while (encoder.add(fifo("file" + i)).isEmpty()) {
      i++;
    }
    String before = "file" + i;
    assertThatExceptionOfType(InvariantException.class).isThrownBy(() -> encoder.add(fifo(before)));
  }

  @Test
  void pagesHave512EntriesInTheMean() throws Exception {
    List<EncodedPage> pages = Pages.encode(plain(400_000));
    assertThat(400_000 / pages.size()).isBetween(490, 530);
    assertThat(pages.subList(0, pages.size() - 1))
        .allMatch(page -> page.entries() >= 64 && page.entries() <= 4_096);
  }

  @Test
  void pagesWithoutAnEndStopAt4096Entries() throws Exception {
    PageEnds ends = new PageEnds(Pages.KEY);
    List<Entry> never = plain(20_000);
    never.removeIf(each -> ends.endsAfter(each.path()));
    List<EncodedPage> pages = Pages.encode(never);
    assertThat(pages).hasSize((never.size() + 4_095) / 4_096);
    assertThat(pages.getFirst().entries()).isEqualTo(4_096);
  }

  @Test
  void pagesStopAt1MiB() throws Exception {
    List<Entry> entries = new ArrayList<>();
    for (int i = 10; i < 90; i++) {
      entries.add(
          new Symlink(path("link" + i), metadata, Bytes.wrap("t".repeat(50_000).getBytes())));
    }
    List<EncodedPage> pages = Pages.encode(entries);
    assertThat(pages.getFirst().entries()).isEqualTo(21);
    assertThat(pages.getFirst().content().length()).isBetween(1 << 20, (1 << 20) + 50_100);
    assertThat(Pages.decode(pages)).isEqualTo(entries);
  }

  /// The builder's running length, which ends pages, is the length that comes out.
  @Test
  void lengthIsKnownBeforeThePageEnds() {
    for (int seed = 0; seed < 30; seed++) {
      PageBuilder builder = new PageBuilder();
      new RandomEntries(seed).list(seed * 10 + 1).forEach(builder::add);
      int length = builder.length();
      EncodedPage page = builder.finish();
      assertThat(page.references().length() + page.content().length()).isEqualTo(length);
    }
  }

  @Test
  void aChangedFileChangesOnePage() throws Exception {
    List<Entry> entries = plain(20_000);
    Set<EncodedPage> before = new HashSet<>(Pages.encode(entries));
    Random random = new Random(3);
    for (int i = 0; i < 20; i++) {
      List<Entry> changed = new ArrayList<>(entries);
      int at = random.nextInt(changed.size());
      changed.set(at, new Symlink(changed.get(at).path(), metadata, Bytes.wrap(new byte[] {1})));
      List<EncodedPage> after = Pages.encode(changed);
      assertThat(after).hasSize(before.size());
      assertThat(after.stream().filter(page -> !before.contains(page))).hasSize(1);
    }
  }

  /// Two where the added path is an end itself; more only where an end falls across the least
  /// number of entries, which these seeds do not meet.
  @Test
  void anAddedFileChangesAtMostTwoPages() throws Exception {
    List<Entry> entries = plain(20_000);
    Set<EncodedPage> before = new HashSet<>(Pages.encode(entries));
    Random random = new Random(4);
    for (int i = 0; i < 40; i++) {
      List<Entry> changed = new ArrayList<>(entries);
      int at = 1 + random.nextInt(changed.size() - 1);
      changed.add(at, new Fifo(changed.get(at - 1).path().child("new".getBytes()), metadata));
      List<EncodedPage> after = Pages.encode(changed);
      assertThat(after.stream().filter(page -> !before.contains(page)).count()).isBetween(1L, 2L);
    }
  }

  @Test
  void longFilesStandInParts() throws Exception {
    RegularFile file = longFile("b", 40_000);
    List<Entry> entries = List.of(fifo("a"), file, fifo("c"));
    List<EncodedPage> pages = Pages.encode(entries);
    assertThat(pages.stream().map(EncodedPage::first))
        .containsExactly(path("a"), path("b"), path("b"), path("b"));
    assertThat(pages.stream().map(EncodedPage::entries)).containsExactly(1, 1, 1, 2);
    assertThat(pages).allMatch(page -> page.content().length() < EntryFormat.LENGTH_MAX);
    assertThat(pages.stream().mapToLong(EncodedPage::bytes).sum()).isEqualTo(file.size());
    List<RegularFile> parts =
        Pages.decode(pages).stream()
            .filter(RegularFile.class::isInstance)
            .map(RegularFile.class::cast)
            .toList();
    assertThat(parts.get(1).offset()).isEqualTo(parts.get(0).end());
    assertThat(LongFile.join(parts)).isEqualTo(file);
  }

  @Test
  void totalsStopAtTheLargestNumber() throws Exception {
    List<Entry> entries = List.of(hole("a"), hole("b"));
    assertThat(Pages.encode(entries).getFirst().bytes()).isEqualTo(Long.MAX_VALUE);
  }

  static RegularFile longFile(String name, int extents) throws Exception {
    Random random = new Random(extents);
    byte[] chunk = new byte[BlockName.LENGTH];
    List<Extent> list =
        LongStream.range(0, extents)
            .<Extent>mapToObj(i -> {
              random.nextBytes(chunk);
              return i % 100 == 7 ? new Hole(i) : new Piece(BlockName.of(chunk), i % 3, i + 1);
            })
            .toList();
    long size = list.stream().mapToLong(Extent::length).sum();
    Metadata metadata = new RandomEntries(extents).metadata();
    return new RegularFile(path(name), metadata, size, 0, false, RegularFile.NO_TAG, list);
  }

  private RegularFile hole(String name) throws Exception {
    return new RegularFile(
        path(name),
        metadata,
        Long.MAX_VALUE,
        0,
        false,
        RegularFile.NO_TAG,
        List.of(new Hole(Long.MAX_VALUE)));
  }

  private Fifo fifo(String name) throws Exception {
    return new Fifo(path(name), metadata);
  }

  private List<Entry> plain(int count) throws Exception {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      entries.add(fifo("folder%03d/file%06d".formatted(i / 1000, i)));
    }
    return entries;
  }
}
