package org.holdfast.client.tidy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.archive.PageReferences;
import org.holdfast.client.archive.RandomEntries;
import org.holdfast.client.archive.Root;
import org.holdfast.client.archive.SeenArchive;
import org.holdfast.client.catalog.ArchiveMaker;
import org.holdfast.client.catalog.ArchiveService;
import org.holdfast.client.catalog.BlockArrivals;
import org.holdfast.client.catalog.BlockSource;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.ConflictException;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Right;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Session;
import org.holdfast.seal.KeyFile;
import org.holdfast.seal.Opener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Archives of pages that come and go, and a key that can only tidy.
final class DeletionTest {
  @TempDir Path folder;

  private final ArchiveService service = new ArchiveService();
  private final Random random = new Random(3);

  @AfterEach
  void close() {
    service.close();
  }

  @Test
  void whatIsLeftIsExactlyWhatTheOtherArchivesNeed() throws Exception {
    List<Entry> entries = new ArrayList<>(new RandomEntries(4).list(3_000));
    for (int i = 0; i < 6; i++) {
      archive(entries);
      entries.remove(random.nextInt(entries.size()));
    }
    storeChunks();
    for (int round = 0; round < 5; round++) {
      int which = random.nextInt(service.archives().size());
      BlockName gone = service.archives().get(which).root();
      delete(gone);
      assertThat(visible(BlockClass.PAGE)).isEqualTo(needed(BlockClass.PAGE));
      assertThat(visible(BlockClass.CHUNK)).isEqualTo(needed(BlockClass.CHUNK));
      if (round == 2) {
        Files.delete(folder.resolve("counts"));
      }
    }
    assertThat(visible(BlockClass.RUN)).as("runs' keys stay").hasSize(6);
  }

  @Test
  void aDeletionReadsOnlyThePagesThatNobodyElseHas() throws Exception {
    List<Entry> entries = new ArrayList<>(new RandomEntries(4).list(6_000));
    archive(entries);
    entries.remove(3_000);
    archive(entries);
    delete(archive(new RandomEntries(9).list(10)));
    long pages = service.fetchedBlocks(BlockClass.PAGE);
    Deletion.Freed freed = delete(service.archives().getFirst().root());
    assertThat(freed.pages()).isBetween(1L, 3L);
    assertThat(service.fetchedBlocks(BlockClass.PAGE) - pages).isEqualTo(freed.pages());
    assertThat(service.fetchedBlocks(BlockClass.CHUNK)).as("no byte of content").isZero();
  }

  @Test
  void aPageThatCannotBeReadKeepsEverything() throws Exception {
    archive(new RandomEntries(1).list(500));
    BlockName second = archive(new RandomEntries(2).list(500));
    BlockRef page =
        service.blocks().keySet().stream()
            .filter(each -> each.blockClass() == BlockClass.PAGE)
            .findFirst()
            .orElseThrow();
    byte[] block = service.blocks().remove(page);
    assertThatThrownBy(() -> delete(second))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("nothing was deleted");
    assertThat(service.hidden()).isEmpty();
    service.blocks().put(page, block);
    BlockRef root = new BlockRef(BlockClass.ROOT, service.archives().getFirst().root());
    service.blocks().remove(root);
    assertThatThrownBy(() -> delete(second))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("archive number 1 (");
    assertThat(service.hidden()).isEmpty();
  }

  @Test
  void anArchiveWithoutARootIsGivenUpWithItsRootAlone() throws Exception {
    List<Entry> entries = new ArrayList<>(new RandomEntries(4).list(2_000));
    archive(entries);
    entries.remove(1_000);
    BlockName lost = archive(entries);
    entries.remove(500);
    BlockName last = archive(entries);
    storeChunks();
    // What a thief with a write key can commit: something that is no root.
    service.blocks().put(new BlockRef(BlockClass.ROOT, lost), new byte[100]);
    assertThatThrownBy(() -> delete(last))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("archive number 2 (" + lost.toString().substring(0, 12))
        .hasMessageContaining("delete --unreadable " + lost.toString().substring(0, 12));
    assertThatThrownBy(() -> delete(list -> list.giveUp(List.of(last.toString()))))
        .as("another one stays that cannot be read")
        .hasMessageContaining("archive number 2 (");
    assertThatThrownBy(() -> delete(list -> list.giveUp(List.of("latest"))))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("no id");
    assertThat(service.hidden()).isEmpty();
    Deletion.Freed freed = delete(list -> list.giveUp(List.of(lost.toString().substring(0, 8))));
    assertThat(freed.archives()).containsExactly(lost);
    assertThat(service.hidden()).containsOnlyKeys(new BlockRef(BlockClass.ROOT, lost));
    assertThat(delete(last).blocks()).isPositive();
    assertThat(visible(BlockClass.CHUNK)).containsAll(needed(BlockClass.CHUNK));
  }

  @Test
  void archivesWithAPageThatCannotBeReadAreGivenUpTogether() throws Exception {
    List<Entry> entries = new ArrayList<>(new RandomEntries(4).list(3_000));
    List<Entry> fewer = new ArrayList<>(entries);
    fewer.removeIf(_ -> random.nextInt(20) == 0);
    archive(fewer);
    storeChunks();
    Set<BlockName> chunksBefore = needed(BlockClass.CHUNK);
    Set<BlockName> pagesBefore = visible(BlockClass.PAGE);
    BlockName second = archive(entries);
    entries.remove(0);
    BlockName third = archive(entries);
    storeChunks();
    Set<BlockName> shared = new HashSet<>(visible(BlockClass.PAGE));
    shared.removeAll(pagesBefore);
    shared.retainAll(pages(second));
    shared.retainAll(pages(third));
    BlockName bad = shared.iterator().next();
    service.blocks().put(new BlockRef(BlockClass.PAGE, bad), new byte[100]);
    String ids = second.toString().substring(0, 12) + " " + third.toString().substring(0, 12);
    assertThatThrownBy(() -> delete(service.archives().getFirst().root()))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("delete --unreadable " + ids);
    assertThatThrownBy(() -> delete(list -> list.giveUp(List.of(second.toString()))))
        .hasMessageContaining("archive number 3 (");
    assertThat(service.hidden()).isEmpty();
    delete(list -> list.giveUp(List.of(third.toString(), second.toString())));
    assertThat(service.hidden())
        .containsKeys(
            new BlockRef(BlockClass.ROOT, second),
            new BlockRef(BlockClass.ROOT, third),
            new BlockRef(BlockClass.PAGE, bad));
    assertThat(visible(BlockClass.PAGE)).isEqualTo(pagesBefore).isEqualTo(needed(BlockClass.PAGE));
    assertThat(visible(BlockClass.CHUNK)).containsAll(chunksBefore);
    assertThat(service.hidden().keySet())
        .as("chunks that only they have")
        .anyMatch(each -> each.blockClass() == BlockClass.CHUNK);
    delete(service.archives().getFirst().root());
    assertThat(visible(BlockClass.PAGE)).isEmpty();
  }

  @Test
  void whatCanBeReadAfterAllGoesAsWithoutGivingUp() throws Exception {
    List<Entry> entries = new ArrayList<>(new RandomEntries(4).list(3_000));
    archive(entries);
    entries.removeIf(_ -> random.nextInt(20) == 0);
    BlockName second = archive(entries);
    storeChunks();
    delete(list -> list.giveUp(List.of(second.toString())));
    assertThat(visible(BlockClass.PAGE)).isEqualTo(needed(BlockClass.PAGE));
    assertThat(visible(BlockClass.CHUNK)).isEqualTo(needed(BlockClass.CHUNK));
  }

  /// The figure of the comparison with others, in requests and bytes instead of seconds.
  @Test
  void oneOfManyArchivesCostsWhatItDoesNotShare() throws Exception {
    List<Entry> entries = new ArrayList<>(new RandomEntries(4).list(6_000));
    int from = 0;
    for (int i = 0; i < 12; i++) {
      archive(entries);
      // What comes and goes in the same place leaves every second archive pages of its own.
      from = i % 2 == 1 ? from : random.nextInt(entries.size() - entries.size() / 50);
      entries.subList(from, from + entries.size() / 100).clear();
    }
    plan();
    long all = service.archives().size();
    long before = service.fetchedBytes();
    long pages = service.fetchedBlocks(BlockClass.PAGE);
    long fetches = service.fetches();
    int has = pages(service.archives().get(5).root()).size();
    long listing = service.fetches() - fetches;
    Deletion.Freed freed = delete(service.archives().get(5).root());
    assertThat(freed.pages()).isBetween(1L, has / 5L);
    assertThat(service.fetchedBlocks(BlockClass.PAGE) - pages).isEqualTo(freed.pages());
    assertThat(service.hidden()).hasSize((int) freed.blocks() - missing(freed));
    assertThat(service.fetches() - fetches - listing)
        .as("the roots once, the runs' keys, its own root, the pages that only it has")
        .isLessThanOrEqualTo(6);
    long roots = bytes(BlockClass.ROOT) + bytes(BlockClass.RUN);
    long own = bytes(BlockClass.PAGE) / visible(BlockClass.PAGE).size() * freed.pages();
    assertThat(service.fetchedBytes() - before).isLessThan(2 * roots + 2 * own);
    assertThat(all).isEqualTo(12);
  }

  private long bytes(BlockClass blockClass) {
    return service.blocks().entrySet().stream()
        .filter(each -> each.getKey().blockClass() == blockClass)
        .mapToLong(each -> each.getValue().length)
        .sum();
  }

  /// Chunks that are named, but which this service was never given.
  private static int missing(Deletion.Freed freed) {
    return (int) freed.chunks();
  }

  private Set<BlockName> pages(BlockName root) throws Exception {
    try (Session session = service.session();
        TidyCatalog catalog = TidyCatalog.open(session, tidyKey())) {
      TidyArchive archive = catalog.list(Optional.empty()).select(root.toString());
      return Set.copyOf(catalog.pages(List.of(archive)).getFirst());
    }
  }

  @Test
  void aBackupThatBeginsWhileADeletionCountsIsNotEndedUnasked() throws Exception {
    BlockName first = archive(new RandomEntries(1).list(50));
    assertThatThrownBy(() ->
            delete(list -> {
              service.beginBackup();
              return Deletion.Chosen.of(List.of(list.select(first.toString())));
            }))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("--end-backup");
    assertThat(service.hidden()).isEmpty();
    assertThat(service.archives()).hasSize(1);
  }

  @Test
  void anArchiveThatComesMeanwhileEndsTheDeletion() throws Exception {
    BlockName first = archive(new RandomEntries(1).list(50));
    archive(new RandomEntries(2).list(50));
    assertThatThrownBy(() ->
            delete(list -> {
              archive(new RandomEntries(5).list(5));
              return Deletion.Chosen.of(List.of(list.select(first.toString())));
            }))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("meanwhile");
    assertThat(service.hidden()).isEmpty();
  }

  @Test
  void aDamagedFileOfCountsIsAsGoodAsNone() throws Exception {
    for (int i = 1; i < 5; i++) {
      archive(new RandomEntries(i).list(200));
    }
    plan();
    Path counts = folder.resolve("counts");
    byte[] good = Files.readAllBytes(counts);
    CountsFile file = new CountsFile(folder, service.machine());
    assertThat(file.read()).isPresent();
    for (int at = 0; at < good.length; at += 1 + at / 7) {
      byte[] bad = good.clone();
      bad[at] ^= (byte) (1 << at % 8);
      Files.write(counts, bad);
      assertThat(file.read()).as("byte " + at).isEmpty();
      Files.write(counts, java.util.Arrays.copyOf(good, at));
      assertThat(file.read()).as("length " + at).isEmpty();
    }
    delete(service.archives().getFirst().root());
    assertThat(visible(BlockClass.PAGE)).isEqualTo(needed(BlockClass.PAGE));
  }

  @Test
  void theNewestThatIsLeftIsRemembered() throws Exception {
    BlockName first = archive(List.of());
    BlockName second = archive(new RandomEntries(2).list(5));
    SeenArchive.of(folder, 2, second).write();
    delete(second);
    SeenArchive seen = SeenArchive.read(folder).orElseThrow();
    assertThat(seen.sequence()).isEqualTo(2);
    assertThat(seen.left()).isEqualTo(first);
    delete(first);
    assertThat(SeenArchive.read(folder).orElseThrow().left()).isEqualTo(Root.NO_ROOT);
    try (Session session = service.session();
        TidyCatalog catalog = TidyCatalog.open(session, tidyKey())) {
      TidyList list = catalog.list(SeenArchive.read(folder));
      assertThat(list.archives()).isEmpty();
      assertThat(list.warnings()).isEmpty();
    }
  }

  @Test
  void aTidyKeyListsWithoutAName() throws Exception {
    BlockName root = archive(new RandomEntries(2).list(5));
    try (Session session = service.session();
        TidyCatalog catalog = TidyCatalog.open(session, tidyKey())) {
      TidyArchive archive = catalog.list(Optional.empty()).select("latest");
      assertThat(archive.root()).isEqualTo(root);
      assertThat(archive.tag()).isEqualTo("host");
      assertThat(archive.committedMillis()).isEqualTo(7_000);
      assertThat(archive.newBytes()).isEqualTo(12_345);
    }
    assertThat(service.fetchedBlocks(BlockClass.CHUNK)).isZero();
  }

  private void plan() throws Exception {
    try (Session session = service.session();
        TidyCatalog catalog = TidyCatalog.open(session, tidyKey(), folder, new SecureRandom())) {
      deletion(session, catalog).plan(list -> Deletion.Chosen.of(list.archives()));
    }
    assertThat(service.hidden()).as("a plan hides nothing").isEmpty();
  }

  private Deletion.Freed delete(BlockName root) throws Exception {
    return delete(list -> Deletion.Chosen.of(List.of(list.select(root.toString()))));
  }

  private Deletion.Freed delete(Deletion.Choice choice) throws Exception {
    try (Session session = service.session();
        TidyCatalog catalog = TidyCatalog.open(session, tidyKey(), folder, new SecureRandom())) {
      return deletion(session, catalog).run(choice, false);
    }
  }

  private Deletion deletion(Session session, TidyCatalog catalog) {
    return new Deletion(
        session, service.machine(), catalog, folder, new SecureRandom(), new TidyProgress());
  }

  private KeyFile tidyKey() throws HoldfastException {
    return service.keyFile(Right.TIDY);
  }

  private BlockName archive(List<Entry> entries) throws HoldfastException {
    try (ArchiveMaker maker = new ArchiveMaker(service)) {
      return maker.archive("a" + service.archives().size(), entries).root();
    }
  }

  private Set<BlockName> visible(BlockClass blockClass) {
    Set<BlockName> names = new HashSet<>();
    service.blocks().keySet().stream()
        .filter(each -> each.blockClass() == blockClass)
        .forEach(each -> names.add(each.name()));
    return names;
  }

  /// The chunks that pages refer to are made up: something must stand for them.
  private void storeChunks() throws Exception {
    needed(BlockClass.CHUNK).forEach(name -> service.store(BlockClass.CHUNK, name, new byte[] {1}));
  }

  /// What the archives that are shown refer to, found the plain way.
  private Set<BlockName> needed(BlockClass blockClass) throws Exception {
    Set<BlockName> pages = new HashSet<>();
    Set<BlockName> chunks = new HashSet<>();
    try (Session session = service.session();
        Opener opener = new Opener(service.keys().tidy())) {
      session.prove(
          service.machine(), Right.TIDY, service.keys().credentialFor(Right.TIDY).privateKey());
      BlockSource blocks = new BlockSource(session, service.machine(), opener);
      List<BlockName> roots = service.archives().stream().map(Message.Archive::root).toList();
      each(
          blocks,
          BlockClass.ROOT,
          roots,
          part -> pages.addAll(Root.decode(part, (_, _) -> true).pages()));
      each(
          blocks,
          BlockClass.PAGE,
          List.copyOf(pages),
          part -> chunks.addAll(PageReferences.decode(Bytes.wrap(part))));
    }
    return blockClass == BlockClass.PAGE ? pages : chunks;
  }

  private static void each(
      BlockSource blocks, BlockClass blockClass, List<BlockName> names, Part sink)
      throws HoldfastException {
    blocks.fetch(
        blockClass,
        names,
        new BlockArrivals<HoldfastException>() {
          @Override
          public void block(int index, ByteBuffer sealed) throws HoldfastException {
            sink.take(blocks.references(blockClass, names.get(index), sealed));
          }

          @Override
          public void lost(int index, String reason) {
            throw new AssertionError(reason);
          }
        });
  }

  private interface Part {
    void take(byte[] references) throws HoldfastException;
  }
}
