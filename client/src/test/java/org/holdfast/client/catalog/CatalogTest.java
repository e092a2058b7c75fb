package org.holdfast.client.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.archive.RandomEntries;
import org.holdfast.client.archive.Root;
import org.holdfast.client.archive.SeenArchive;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.CorruptException;
import org.holdfast.core.MachineId;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Right;
import org.holdfast.core.TransactionId;
import org.holdfast.core.UnavailableException;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.ServerMode;
import org.holdfast.seal.SigningKey;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class CatalogTest {
  private final ArchiveService service = new ArchiveService();

  @AfterEach
  void close() {
    service.close();
  }

  @Test
  void archivesAreListedNewestLastWithWhatTheySay() throws Exception {
    List<Entry> entries = new RandomEntries(1).list(50);
    archive("first", entries);
    archive("second", List.of());
    service.archives().add(0, service.archives().removeLast());
    ArchiveList list = list();
    assertThat(list.archives()).extracting(ArchiveInfo::name).containsExactly("first", "second");
    assertThat(list.warnings()).isEmpty();
    assertThat(list.highestSequence()).isEqualTo(2);
    ArchiveInfo first = list.archives().getFirst();
    assertThat(first.entries()).isEqualTo(50);
    assertThat(first.host()).isEqualTo("host");
    assertThat(first.tags()).containsExactly("tagged");
    assertThat(first.committedMillis()).isEqualTo(7_000);
    assertThat(first.newBytes()).isEqualTo(12_345);
    assertThat(first.partial()).isFalse();
  }

  @Test
  void moreArchivesThanOneBatchAreListed() throws Exception {
    try (ArchiveMaker maker = new ArchiveMaker(service)) {
      for (int i = 0; i < 260; i++) {
        maker.archive("a" + i, List.of());
      }
    }
    assertThat(list().archives()).hasSize(260);
    assertThat(list().warnings()).isEmpty();
  }

  @Test
  void aKeyThatOnlyWritesListsNothing() throws Exception {
    archive("first", List.of());
    assertThatThrownBy(() -> Catalog.open(service.session(), service.keyFile(Right.WRITE)))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("lacks the right to read");
    Catalog.open(service.session(), service.keyFile(Right.READ)).close();
  }

  @Test
  void whatAnotherKeySignedIsNotAnArchive() throws Exception {
    archive("good", List.of());
    try (ArchiveMaker maker = new ArchiveMaker(service)) {
      maker.signedBy(SigningKey.random(new SecureRandom())).archive("forged", List.of());
    }
    assertUnreadable(2, "not signed by its machine");
  }

  @Test
  void anArchiveOfAnotherMachineIsNotBelieved() throws Exception {
    archive("good", List.of());
    try (ArchiveMaker maker = new ArchiveMaker(service)) {
      maker.of(MachineId.random(new SecureRandom())).archive("foreign", List.of());
    }
    assertUnreadable(2, "belongs to another machine");
  }

  @Test
  void anotherNumberOrKindThanSignedIsNotBelieved() throws Exception {
    Message.Archive first = archive("first", List.of());
    service.archives().set(0, new Message.Archive(first.root(), 4, 0, false));
    assertUnreadable(4, "signed as number 1");
    service.archives().set(0, new Message.Archive(first.root(), 1, 0, true));
    assertThat(list().archives()).isEmpty();
    service.archives().set(0, first);
    assertThat(list().archives()).hasSize(1);
  }

  @Test
  void everyFlippedByteOfARootIsNoticed() throws Exception {
    Message.Archive shown = archive("first", new RandomEntries(2).list(20));
    BlockRef ref = new BlockRef(BlockClass.ROOT, shown.root());
    byte[] good = service.blocks().get(ref);
    try (Catalog catalog = Catalog.open(service.session(), service.keyFile())) {
      for (int at = 0; at < good.length; at += at < 64 ? 3 : 151) {
        byte[] bad = good.clone();
        bad[at] ^= (byte) (1 << at % 8);
        service.blocks().put(ref, bad);
        ArchiveList list = catalog.list(Optional.empty());
        assertThat(list.archives()).as("byte " + at).isEmpty();
        assertThat(list.unreadable()).hasSize(1);
      }
    }
  }

  @Test
  void aRootOrItsKeysThatAreLostAreToldForThatArchiveAlone() throws Exception {
    archive("first", List.of());
    Message.Archive second = archive("second", List.of());
    byte[] root = service.blocks().remove(new BlockRef(BlockClass.ROOT, second.root()));
    assertUnreadable(2, "its root is lost (the service does not have it, or only damaged)");
    service.store(BlockClass.ROOT, second.root(), root);
    try (ArchiveMaker maker = new ArchiveMaker(service)) {
      maker.archive("third", List.of());
      BlockRef run = new BlockRef(BlockClass.RUN, maker.run().blockName());
      byte[] keys = service.blocks().get(run).clone();
      keys[500] ^= 1;
      service.blocks().put(run, keys);
      assertUnreadable(3, "the keys of its backup run are damaged");
      service.blocks().remove(run);
      assertUnreadable(3, "the service does not have the keys of its backup run");
    }
  }

  @Test
  void aRootThatIsAskedForAndLostIsOneClearLine() throws Exception {
    Message.Archive shown = archive("first", List.of());
    try (Catalog catalog = Catalog.open(service.session(), service.keyFile())) {
      ArchiveInfo info = catalog.list(Optional.empty()).select("latest");
      assertThat(catalog.read(info).content().name()).isEqualTo("first");
      service.blocks().remove(new BlockRef(BlockClass.ROOT, shown.root()));
      assertThatThrownBy(() -> catalog.read(info))
          .isInstanceOf(CorruptException.class)
          .hasMessageContaining("its root is lost (the service does not have it, or only damaged)");
    }
  }

  @Test
  void hiddenArchivesAreMissed() throws Exception {
    for (String name : List.of("1", "2", "3", "4", "5", "6")) {
      archive(name, List.of());
    }
    service.archives().remove(4);
    service.archives().remove(2);
    service.archives().remove(1);
    assertThat(list().holes())
        .hasSize(2)
        .anySatisfy(line -> assertThat(line).startsWith("archives number 2 to 3 are not there: "))
        .anySatisfy(line -> assertThat(line).startsWith("archive number 5 is not there: "));
    service.archives().remove(0);
    assertThat(list().holes().getFirst()).startsWith("archives number 1 to 3 are not there: ");
  }

  /// Deleted, or brought back, between two questions.
  @Test
  void anArchiveThatIsShownAndDeletedIsNotThereTwice() throws Exception {
    List<Message.Archive> all = new ArrayList<>();
    for (String name : List.of("1", "2", "3")) {
      all.add(archive(name, List.of()));
    }
    service.archives().remove(all.get(0));
    delete(all.get(0));
    delete(all.get(2));
    assertThat(list().warnings()).isEmpty();
    assertThat(list().holes()).isEmpty();
  }

  @Test
  void archivesThatComeBackWhileTheyAreListedAreNoHoles() throws Exception {
    for (String name : List.of("1", "2", "3")) {
      archive(name, List.of());
    }
    Message.Archive second = service.archives().remove(1);
    service.afterListing(() -> {
      if (!service.archives().contains(second)) {
        service.archives().add(second);
      }
    });
    ArchiveList list = list();
    assertThat(list.holes()).isEmpty();
    assertThat(list.archives()).hasSize(3);
    assertThat(service.listings()).isEqualTo(2);
  }

  @Test
  void aListThatIsRefusedIsAskedForAgainBeforeItIs() throws Exception {
    Message.Archive first = archive("1", List.of());
    Message.Archive second = archive("2", List.of());
    service.archives().remove(second);
    service.afterListing(() -> {
      if (!service.archives().contains(second)) {
        service.archives().add(second);
      }
    });
    try (Catalog catalog = Catalog.open(service.session(), service.keyFile())) {
      assertThat(catalog.list(seen(2, second.root())).archives()).hasSize(2);
      service.afterListing(() -> {});
      service.archives().remove(second);
      assertThatThrownBy(() -> catalog.list(seen(2, second.root())))
          .isInstanceOf(CorruptException.class);
    }
    assertThat(service.archives()).containsExactly(first);
  }

  @Test
  void anOddListIsAskedForAgainOnceIfItStaysAndThreeTimesIfItDoesNot() throws Exception {
    for (String name : List.of("1", "2", "3", "4")) {
      archive(name, List.of());
    }
    Message.Archive third = service.archives().remove(2);
    Message.Archive second = service.archives().remove(1);
    assertThat(list().holes()).hasSize(1);
    assertThat(service.listings()).isEqualTo(2);
    service.afterListing(() -> {
      if (service.archives().remove(second)) {
        service.archives().add(third);
      } else {
        service.archives().remove(third);
        service.archives().add(second);
      }
    });
    assertThat(list().holes()).hasSize(1);
    assertThat(service.listings()).isEqualTo(5);
  }

  @Test
  void deletedArchivesAreNoHoles() throws Exception {
    List<Message.Archive> all = new ArrayList<>();
    for (String name : List.of("1", "2", "3", "4")) {
      all.add(archive(name, List.of()));
    }
    service.archives().removeAll(all.subList(0, 2));
    delete(all.get(0));
    delete(all.get(1));
    assertThat(list().holes()).isEmpty();
    assertThat(list().warnings()).isEmpty();
    service.deleted().clear();
    delete(all.get(0));
    byte[] another = all.get(1).root().bytes().toArray();
    another[0] ^= 1;
    delete(new Message.Archive(BlockName.of(another), 2, 0, false));
    assertThat(list().warnings())
        .singleElement()
        .asString()
        .startsWith("archive number 3 was made after another number 2");
  }

  @Test
  void whatSomebodyElseHasDeletedIsToldByNumberIdAndTime() throws Exception {
    archive("1", List.of());
    Message.Archive second = archive("2", List.of());
    service.archives().remove(second);
    delete(second);
    try (Catalog catalog = Catalog.open(service.session(), service.keyFile())) {
      assertThat(catalog.list(seen(2, second.root())).warnings())
          .singleElement()
          .asString()
          .contains("number 2 (" + second.root().toString().substring(0, 12))
          .contains("was deleted at 1970-01-01T00:00:05Z, not from here")
          .contains("until 1970-01-01T00:00:09Z");
    }
  }

  @Test
  void whatThisMachineHasDeletedIsNotMissed() throws Exception {
    Message.Archive first = archive("1", List.of());
    Message.Archive second = archive("2", List.of());
    service.archives().remove(second);
    delete(second);
    SeenArchive seen = seen(2, second.root()).orElseThrow();
    Optional<SeenArchive> left = Optional.of(seen.leaving(1, first.root()));
    try (Catalog catalog = Catalog.open(service.session(), service.keyFile())) {
      assertThat(catalog.list(left).warnings()).isEmpty();
      service.deleted().clear();
      assertThatThrownBy(() -> catalog.list(left))
          .as("a server that has gone back to before number 2")
          .isInstanceOf(CorruptException.class)
          .hasMessageContaining("committed archive number 2, the server's newest is number 1");
      delete(second);
      service.archives().clear();
      assertThatThrownBy(() -> catalog.list(left))
          .as("a server that hides what was left")
          .isInstanceOf(CorruptException.class);
      assertThat(catalog.list(Optional.of(seen.leaving(0, Root.NO_ROOT))).archives()).isEmpty();
    }
  }

  @Test
  void aServerThatHidesTheNewestIsFoundOutByWhoRemembers() throws Exception {
    Message.Archive first = archive("1", List.of());
    Message.Archive second = archive("2", List.of());
    try (Catalog catalog = Catalog.open(service.session(), service.keyFile())) {
      catalog.list(seen(2, second.root()));
      service.archives().removeLast();
      assertThat(catalog.list(seen(1, first.root())).warnings()).isEmpty();
      assertThatThrownBy(() -> catalog.list(seen(2, second.root())))
          .isInstanceOf(CorruptException.class)
          .hasMessageContaining("committed archive number 2, the server's newest is number 1.")
          .hasMessageEndingWith("delete /cache/seen");
    }
  }

  @Test
  void aStandbyMayNotKnowTheNewestYet() throws Exception {
    mayNotKnowTheNewestYet(ServerMode.STANDBY, "as it follows");
  }

  @Test
  void aServerThatRecoversMayNotKnowTheNewestYet() throws Exception {
    mayNotKnowTheNewestYet(ServerMode.RECOVERING, "as it is being recovered");
  }

  private void mayNotKnowTheNewestYet(ServerMode mode, String why) throws Exception {
    archive("1", List.of());
    Message.Archive second = archive("2", List.of());
    service.archives().removeLast();
    service.mode(mode);
    try (Catalog catalog = Catalog.open(service.session(), service.keyFile())) {
      assertThatThrownBy(() -> catalog.list(seen(2, second.root())))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("may not know all archives yet, " + why)
          .hasMessageContaining("committed archive number 2, the server's newest is number 1.");
    }
  }

  @Test
  void aServerThatShowsAnotherArchiveInItsPlaceIsFoundOut() throws Exception {
    archive("1", List.of());
    Message.Archive second = archive("2", List.of());
    service.archives().removeLast();
    archive("another 2", List.of());
    archive("3", List.of());
    try (Catalog catalog = Catalog.open(service.session(), service.keyFile())) {
      assertThatThrownBy(() -> catalog.list(seen(2, second.root())))
          .isInstanceOf(CorruptException.class)
          .hasMessageContaining("shows another archive number 2");
    }
  }

  @Test
  void anArchiveThatTheServerCallsPartialIsStillTheLatest() throws Exception {
    Message.Archive first = archive("1", List.of());
    Message.Archive second = archive("2", List.of());
    Message.Archive lie = new Message.Archive(second.root(), 2, second.committedMillis(), true);
    service.archives().set(1, lie);
    assertUnreadable(2, "signed as number 2");
    assertLatestIsRefused(seen(2, second.root()));
    service.blocks().remove(new BlockRef(BlockClass.ROOT, second.root()));
    assertUnreadable(2, "its root is lost");
    assertLatestIsRefused(seen(2, second.root()));
    assertThat(list().select(first.root().toString()).root()).isEqualTo(first.root());
  }

  @Test
  void aNumberThatNoSignatureHoldsUpIsNoSuccessor() throws Exception {
    archive("1", List.of());
    Message.Archive second = archive("2", List.of());
    service.archives().removeLast();
    byte[] garbage = second.root().bytes().toArray();
    garbage[0] ^= 1;
    service.archives().add(new Message.Archive(BlockName.of(garbage), 3, 0, true));
    assertRefusedAsGoneBack(second);
    service.archives().removeLast();
    service.archives().add(second);
    archive("3, cut off", List.of(), true);
    service.archives().remove(second);
    assertRefusedAsGoneBack(second);
  }

  @Test
  void aSignedSuccessorStandsForTheArchiveThatWasSeen() throws Exception {
    archive("1", List.of());
    Message.Archive second = archive("2", List.of());
    Message.Archive third = archive("3", List.of());
    service.archives().remove(second);
    try (Catalog catalog = Catalog.open(service.session(), service.keyFile())) {
      ArchiveList list = catalog.list(seen(2, second.root()));
      assertThat(list.select("latest").root()).isEqualTo(third.root());
      assertThat(list.holes().getFirst()).startsWith("archive number 2 is not there");
    }
  }

  @Test
  void anArchiveThatTheNextOneDoesNotFollowIsTold() throws Exception {
    archive("1", List.of());
    Message.Archive hidden = archive("2", List.of());
    archive("3", List.of());
    List<Message.Archive> others = List.copyOf(service.archives());
    service.archives().clear();
    service.archives().add(others.getFirst());
    Message.Archive replaced = archive("another 2", List.of());
    service.archives().add(others.getLast());
    assertThat(replaced.root()).isNotEqualTo(hidden.root());
    assertThat(list().warnings())
        .singleElement()
        .asString()
        .startsWith("archive number 3 was made after another number 2 than the server shows");
  }

  @Test
  void archivesAreSelectedByNameIdAndAge() throws Exception {
    BlockName first = archive("weekly", List.of()).root();
    BlockName second = archive("host-12:30:00", List.of()).root();
    BlockName third = archive("weekly", List.of(), true).root();
    ArchiveList list = list();
    assertThat(list.select("latest").root()).as("not the partial one").isEqualTo(second);
    assertThat(list.select("latest~1").root()).isEqualTo(first);
    assertThat(list.select("host-12:30:00").root()).isEqualTo(second);
    assertThat(list.select(third.toString().substring(0, 12)).root()).isEqualTo(third);
    assertThat(list.select(third.toString().toUpperCase()).root()).isEqualTo(third);
    assertThatThrownBy(() -> list.select("latest~2")).hasMessageContaining("there are only 2");
    assertThatThrownBy(() -> list.select("weekly"))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining(first.toString().substring(0, 12))
        .hasMessageContaining(third.toString().substring(0, 12));
    for (String none : List.of("monthly", "", "abc", "0123456789abcdef", "latest~", "latest~x")) {
      assertThatThrownBy(() -> list.select(none))
          .isInstanceOf(RefusedException.class)
          .hasMessage("there is no archive " + none + ": `holdfast archives` lists them");
    }
  }

  @Test
  void partsOfArchivesAreNamedWithAPath() throws Exception {
    archive("plain", List.of());
    archive("host-12:30:00", List.of());
    ArchiveList list = list();
    assertPart(list.resolve("plain:/etc//"), "plain", "etc");
    assertPart(list.resolve("plain"), "plain", "");
    assertPart(list.resolve("plain:"), "plain", "");
    assertPart(list.resolve("plain:/"), "plain", "");
    assertPart(list.resolve("host-12:30:00"), "host-12:30:00", "");
    assertPart(list.resolve("host-12:30:00:a:b"), "host-12:30:00", "a:b");
    assertPart(list.resolve("latest:home/me\\x20"), "host-12:30:00", "home/me ");
    assertThatThrownBy(() -> list.resolve("plain:/a/../b"))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("is no path in an archive");
    assertThatThrownBy(() -> list.resolve("other:/etc"))
        .hasMessage("there is no archive other: `holdfast archives` lists them");
  }

  @Test
  void withoutArchivesTheLatestIsExplained() throws Exception {
    assertThatThrownBy(() -> list().select("latest"))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("there is no archive: `holdfast backup` makes one");
    archive("cut off", List.of(), true);
    assertThatThrownBy(() -> list().select("latest")).hasMessageContaining("no complete archive");
  }

  private void delete(Message.Archive archive) {
    TransactionId deletion =
        TransactionId.of(new byte[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    service.deleted().add(new Message.DeletedArchive(archive, deletion, 5_000, 9_000));
  }

  private void assertUnreadable(long sequence, String reason) throws Exception {
    ArchiveList list = list();
    assertThat(list.archives()).noneMatch(each -> each.sequence() == sequence);
    assertThat(list.unreadable())
        .singleElement()
        .satisfies(each -> assertThat(each.sequence()).isEqualTo(sequence))
        .satisfies(each -> assertThat(each.reason()).contains(reason));
    assertThat(list.warnings()).anyMatch(each -> each.contains("cannot be read: "));
    assertThatThrownBy(() -> list.select("latest"))
        .as("an older one never stands in")
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining(reason);
  }

  private void assertLatestIsRefused(Optional<SeenArchive> seen) throws Exception {
    try (Catalog catalog = Catalog.open(service.session(), service.keyFile())) {
      ArchiveList list = catalog.list(seen);
      assertThatThrownBy(() -> list.select("latest")).isInstanceOf(CorruptException.class);
    }
  }

  private void assertRefusedAsGoneBack(Message.Archive seen) throws Exception {
    try (Catalog catalog = Catalog.open(service.session(), service.keyFile())) {
      assertThatThrownBy(() -> catalog.list(seen(seen.sequence(), seen.root())))
          .isInstanceOf(CorruptException.class)
          .hasMessageContaining("has lost or hides archives");
    }
  }

  private static void assertPart(ArchivePart part, String name, String path) throws Exception {
    assertThat(part.archive().name()).isEqualTo(name);
    assertThat(part.path()).isEqualTo(ArchivePath.of(path.getBytes()));
  }

  private static Optional<SeenArchive> seen(long sequence, BlockName root) {
    return Optional.of(SeenArchive.of(Path.of("/cache"), sequence, root));
  }

  private ArchiveList list() throws Exception {
    try (Catalog catalog = Catalog.open(service.session(), service.keyFile())) {
      return catalog.list(Optional.empty());
    }
  }

  private Message.Archive archive(String name, List<Entry> entries) throws Exception {
    return archive(name, entries, false);
  }

  private Message.Archive archive(String name, List<Entry> entries, boolean partial)
      throws Exception {
    try (ArchiveMaker maker = new ArchiveMaker(service)) {
      return (partial ? maker.partial() : maker).archive(name, entries);
    }
  }
}
