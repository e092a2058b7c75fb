package org.holdfast.client.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.archive.RandomEntries;
import org.holdfast.core.BlockClass;
import org.holdfast.protocol.BlockRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class PageReaderTest {
  private final ArchiveService service = new ArchiveService();
  private final List<Entry> entries = new RandomEntries(3).list(6_000);
  private Catalog catalog;
  private Archive archive;

  @BeforeEach
  void open() throws Exception {
    try (ArchiveMaker maker = new ArchiveMaker(service)) {
      maker.archive("archive", entries);
    }
    catalog = Catalog.open(service.session(), service.keyFile());
    archive = catalog.read(catalog.list(Optional.empty()).select("latest"));
    assertThat(archive.root().pages()).as("several pages").hasSizeGreaterThan(2);
  }

  @AfterEach
  void close() {
    catalog.close();
    service.close();
  }

  @Test
  void allEntriesComeInOrder() throws Exception {
    assertThat(read(ArchivePath.ROOT)).isEqualTo(steps(entries));
  }

  @Test
  void aSubtreeIsReadWithItsPagesOnly() throws Exception {
    Entry folder =
        entries.stream()
            .filter(each -> each instanceof Entry.Folder && each.path().length() > 0)
            .skip(20)
            .findFirst()
            .orElseThrow();
    List<PageReader.Step> steps = read(folder.path());
    List<Entry> below =
        entries.stream().filter(each -> folder.path().contains(each.path())).toList();
    assertThat(steps).containsSubsequence(steps(below));
    assertThat(steps).hasSizeLessThan(entries.size());
  }

  @Test
  void everyEntryIsFoundByItsPath() throws Exception {
    for (int i = 0; i < entries.size(); i += 37) {
      Entry entry = entries.get(i);
      assertThat(PageReader.find(catalog.blocks(), archive, entry.path()))
          .isEqualTo(new PageReader.Found(entry));
    }
    ArchivePath none = ArchivePath.of("no such entry".getBytes());
    assertThat(PageReader.find(catalog.blocks(), archive, none)).isNull();
  }

  @Test
  void aLostOrDamagedPageIsOneStepAndTheRestComes() throws Exception {
    int page = 1;
    ArchivePath from = archive.content().pages().get(page).first();
    ArchivePath until = archive.content().pages().get(page + 1).first();
    int count = archive.content().pages().get(page).entries();
    List<PageReader.Step> expected = new ArrayList<>(steps(entries));
    expected.removeIf(each ->
        ((PageReader.Found) each).entry().path().compareTo(from) >= 0
            && ((PageReader.Found) each).entry().path().compareTo(until) < 0);
    BlockRef ref = new BlockRef(BlockClass.PAGE, archive.root().pages().get(page));
    byte[] good = service.blocks().remove(ref);
    assertLost(expected, from, until, count, "the service does not have it, or only damaged");
    for (int at = 0; at < good.length; at += at < 64 ? 21 : 1 + good.length / 7) {
      byte[] bad = good.clone();
      bad[at] ^= 4;
      service.blocks().put(ref, bad);
      assertLost(expected, from, until, count, "");
    }
    service.blocks().put(ref, service.blocks().get(otherPage()));
    assertLost(expected, from, until, count, "");
  }

  private BlockRef otherPage() {
    return new BlockRef(BlockClass.PAGE, archive.root().pages().get(2));
  }

  private void assertLost(
      List<PageReader.Step> others, ArchivePath from, ArchivePath until, int count, String reason)
      throws Exception {
    List<PageReader.Step> steps = read(ArchivePath.ROOT);
    PageReader.Lost lost =
        steps.stream()
            .filter(PageReader.Lost.class::isInstance)
            .map(PageReader.Lost.class::cast)
            .findFirst()
            .orElseThrow();
    assertThat(lost.from()).isEqualTo(from);
    assertThat(lost.until()).isEqualTo(until);
    assertThat(lost.entries()).isEqualTo(count);
    assertThat(lost.reason()).contains(reason);
    steps.remove(lost);
    assertThat(steps).isEqualTo(others);
  }

  private List<PageReader.Step> read(ArchivePath subtree) throws Exception {
    BitSet pages = PageReader.pages(archive, subtree);
    PageReader reader = new PageReader(catalog.blocks(), archive, pages);
    List<PageReader.Step> steps = new ArrayList<>();
    for (PageReader.Step step = reader.next(); step != null; step = reader.next()) {
      steps.add(step);
    }
    assertThat(reader.next()).as("the end stays the end").isNull();
    return steps;
  }

  private static List<PageReader.Step> steps(List<Entry> entries) {
    List<PageReader.Step> steps = new ArrayList<>();
    entries.forEach(each -> steps.add(new PageReader.Found(each)));
    return steps;
  }
}
