package org.holdfast.client.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.holdfast.client.archive.RandomEntries;
import org.holdfast.client.tidy.TidyArchive;
import org.holdfast.client.tidy.TidyCatalog;
import org.holdfast.client.tidy.TidyList;
import org.holdfast.core.BlockClass;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.Right;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Session;
import org.holdfast.seal.CacheSeal;
import org.holdfast.seal.KeyFile;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KnownArchivesTest {
  private final ArchiveService service = new ArchiveService();
  private final SecureRandom random = new SecureRandom();

  @TempDir private Path folder;

  @BeforeEach
  void archives() throws HoldfastException {
    archive("one");
    archive("two");
    archive("three");
  }

  @AfterEach
  void close() {
    service.close();
  }

  @Test
  void aRootIsReadOnce() throws Exception {
    ArchiveList first = list(service.keyFile());
    assertThat(roots()).isEqualTo(3);
    archive("four");
    ArchiveList second = list(service.keyFile());
    assertThat(roots()).as("the new one alone").isEqualTo(4);
    assertThat(second.archives()).hasSize(4);
    assertThat(second.archives().subList(0, 3)).isEqualTo(first.archives());
    assertThat(list(service.keyFile())).isEqualTo(second);
    assertThat(roots()).isEqualTo(4);
    service.archives().removeFirst();
    assertThat(list(service.keyFile()).archives()).isEqualTo(second.archives().subList(1, 4));
    assertThat(roots()).isEqualTo(4);
  }

  @Test
  void whoTidiesKnowsNamesOnlyWithTheRightToRead() throws Exception {
    TidyList named = tidy(service.keyFile());
    assertThat(named.archives())
        .extracting(TidyArchive::name)
        .containsExactly("one", "two", "three");
    assertThat(named.select("two").sequence()).isEqualTo(2);
    assertThat(list(service.keyFile(Right.READ)).archives()).hasSize(3);
    assertThat(roots()).as("readers share what they know").isEqualTo(3);
    KeyFile tidier = service.keyFile(Right.TIDY);
    TidyList nameless = tidy(tidier);
    assertThat(roots()).as("a tidier cannot read what readers know").isEqualTo(6);
    assertThat(nameless.archives()).extracting(TidyArchive::name).containsOnly("");
    assertThat(tidy(tidier)).isEqualTo(nameless);
    assertThat(roots()).isEqualTo(6);
  }

  @Test
  void whatWasChangedIsReadAgain() throws Exception {
    ArchiveList expected = list(service.keyFile());
    Path file = folder.resolve("archives-read");
    byte[] good = Files.readAllBytes(file);
    long read = roots();
    for (int at = 0; at < good.length; at += 1 + at / 3) {
      byte[] bad = good.clone();
      bad[at] ^= (byte) (1 << at % 8);
      Files.write(file, bad);
      assertThat(list(service.keyFile())).as("byte " + at).isEqualTo(expected);
      read += 3;
      assertThat(roots()).as("byte " + at).isEqualTo(read);
      Files.write(file, Arrays.copyOf(good, at));
      assertThat(list(service.keyFile())).as("length " + at).isEqualTo(expected);
      read += 3;
      assertThat(roots()).as("length " + at).isEqualTo(read);
    }
    Files.delete(file);
    assertThat(list(service.keyFile())).isEqualTo(expected);
    assertThat(roots()).as("none").isEqualTo(read + 3);
    Files.write(file, good);
    assertThat(list(service.keyFile())).as("it mends itself").isEqualTo(expected);
    assertThat(roots()).isEqualTo(read + 3);
  }

  @Test
  void anOldFileKnowsLess() throws Exception {
    list(service.keyFile());
    byte[] old = Files.readAllBytes(folder.resolve("archives-read"));
    archive("four");
    ArchiveList expected = list(service.keyFile());
    Files.write(folder.resolve("archives-read"), old);
    assertThat(list(service.keyFile())).isEqualTo(expected);
    assertThat(roots()).isEqualTo(5);
  }

  @Test
  void whatIsAnotherMachinesIsNotBelieved() throws Exception {
    try (ArchiveService other = new ArchiveService()) {
      KeyFile theirs = other.keyFile();
      // The same keys for another machine, and other keys for the same one.
      for (KeyFile each :
          List.of(with(theirs.machineId(), service), with(service.machine(), other))) {
        KnownArchives.in(folder, each, random).keep(list(service.keyFile(), null).archives());
        long read = roots();
        assertThat(list(service.keyFile()).archives()).hasSize(3);
        assertThat(roots()).isEqualTo(read + 3);
        Files.delete(folder.resolve("archives-read"));
      }
    }
  }

  @Test
  void theServersWordMustFitWhatIsKnown() throws Exception {
    list(service.keyFile());
    Message.Archive first = service.archives().getFirst();
    service.archives().set(0, new Message.Archive(first.root(), 1, 9_000, false));
    assertThat(list(service.keyFile()).archives().getFirst().committedMillis()).isEqualTo(9_000);
    assertThat(roots()).isEqualTo(3);
    service.archives().set(0, new Message.Archive(first.root(), 1, 7_000, true));
    assertThat(list(service.keyFile()).unreadable()).as("signed as whole").hasSize(1);
    service.archives().set(0, new Message.Archive(first.root(), 7, 7_000, false));
    assertThat(list(service.keyFile()).unreadable()).as("signed as another").hasSize(1);
  }

  @Test
  void whatDoesNotOpenIsNeverKnown() throws Exception {
    BlockRef ref = new BlockRef(BlockClass.ROOT, service.archives().getFirst().root());
    byte[] good = service.blocks().put(ref, new byte[100]);
    assertThat(list(service.keyFile()).unreadable()).hasSize(1);
    assertThat(list(service.keyFile()).unreadable()).hasSize(1);
    assertThat(roots()).as("the other two are known").isEqualTo(4);
    service.blocks().put(ref, good);
    assertThat(list(service.keyFile()).archives()).hasSize(3);
    service.blocks().put(ref, new byte[100]);
    assertThat(list(service.keyFile()).archives()).as("found good before").hasSize(3);
  }

  @Test
  void noNameIsInTheClear() throws Exception {
    list(service.keyFile());
    String bytes =
        new String(
            Files.readAllBytes(folder.resolve("archives-read")), StandardCharsets.ISO_8859_1);
    assertThat(bytes).doesNotContain("three");
    byte[] sealed = CacheSeal.of(service.keys().tidy()).seal(new byte[0], new byte[9], random);
    assertThat(CacheSeal.of(service.keys().tidy()).open(new byte[0], sealed)).hasSize(9);
    assertThat(opens(CacheSeal.of(service.keys().read()), sealed)).isFalse();
  }

  private static boolean opens(CacheSeal seal, byte[] sealed) {
    try {
      seal.open(new byte[0], sealed);
      return true;
    } catch (CorruptException e) {
      return false;
    }
  }

  private static KeyFile with(MachineId machine, ArchiveService keys) {
    return new KeyFile(
        List.of("dir:test"), Optional.empty(), "test", machine, keys.keys(), Optional.empty());
  }

  private ArchiveList list(KeyFile keyFile) throws Exception {
    return list(keyFile, folder);
  }

  private ArchiveList list(KeyFile keyFile, @Nullable Path in) throws Exception {
    try (Session session = service.session();
        Catalog catalog =
            in == null
                ? Catalog.open(session, keyFile)
                : Catalog.open(session, keyFile, in, random)) {
      return catalog.list(Optional.empty());
    }
  }

  private TidyList tidy(KeyFile keyFile) throws Exception {
    try (Session session = service.session();
        TidyCatalog catalog = TidyCatalog.open(session, keyFile, folder, random)) {
      return catalog.list(Optional.empty());
    }
  }

  private long roots() {
    return service.fetchedBlocks(BlockClass.ROOT);
  }

  private void archive(String name) throws HoldfastException {
    try (ArchiveMaker maker = new ArchiveMaker(service)) {
      maker.archive(name, new RandomEntries(name.length()).list(20));
    }
  }
}
