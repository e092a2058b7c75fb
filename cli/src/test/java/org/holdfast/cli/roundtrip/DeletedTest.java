package org.holdfast.cli.roundtrip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.client.archive.ListReader;
import org.holdfast.client.archive.PageReferences;
import org.holdfast.client.archive.SeenArchive;
import org.holdfast.client.backup.BackupSummary;
import org.holdfast.client.catalog.Catalog;
import org.holdfast.client.tidy.Deletion;
import org.holdfast.client.tidy.Nuke;
import org.holdfast.client.tidy.TidyCatalog;
import org.holdfast.client.tidy.TidyProgress;
import org.holdfast.client.tidy.Undeletion;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.ConflictException;
import org.holdfast.core.Right;
import org.holdfast.core.TransactionId;
import org.holdfast.core.UnavailableException;
import org.holdfast.protocol.Session;
import org.holdfast.seal.KeyFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Archives that are deleted and brought back, at a service in this process.
final class DeletedTest {
  @TempDir Path base;
  private final Random random = new Random(8);
  private Path source;
  private Path cache;

  @BeforeEach
  void makeFiles() throws Exception {
    source = Files.createDirectories(base.resolve("source"));
    cache = base.resolve("cache");
    for (int i = 0; i < 5; i++) {
      fill("file" + i);
    }
  }

  @Test
  void aBackupDoesNotRelyOnChunksThatSomebodyHasDeletedWithoutTheirRoot() throws Exception {
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"))) {
      KeyFile key = service.register();
      service.backup(key, cache, source);
      later(service, key);
      deleteSecretly(service, key, chunksOfLists());
      BackupSummary summary = later(service, key);
      assertThat(summary.unchangedFiles()).isZero();
      service.restore(key, "latest:" + source, base.resolve("back"));
      InProcess.assertSame(source, base.resolve("back"));
    }
  }

  /// The thief wants nothing to show, and the owner finds it, and undoes it by its own id.
  @Test
  void aDeletionOfChunksAloneIsNamedAndUndone() throws Exception {
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"))) {
      KeyFile key = service.register();
      BackupSummary first = service.backup(key, cache, source);
      fill("file1");
      BackupSummary second = service.backup(key, cache, source);
      delete(service, key, cache, second.root());
      Set<BlockName> chunks = chunksOfLists();
      deleteSecretly(service, key, chunks);
      try (Session session = service.session()) {
        prove(session, key, Right.READ);
        List<Undeletion.Deleted> all = new Undeletion(session, key.machineId(), cache).list();
        assertThat(all).hasSize(2);
        assertThat(all.getFirst().archives()).hasSize(1);
        assertThat(all.getLast().archives()).isEmpty();
        assertThat(all.getLast().made().blocks()).isPositive();
      }
      try (Session session = service.session()) {
        prove(session, key, Right.TIDY);
        Undeletion undeletion = new Undeletion(session, key.machineId(), cache);
        String id = undeletion.list().getLast().id();
        assertThatThrownBy(() -> undeletion.chooseDeletion(id.substring(0, 3)))
            .hasMessageContaining("4 or more digits");
        assertThat(undeletion.chooseDeletion(id)).hasSize(1);
        undeletion.undo(undeletion.chooseDeletion(id));
        assertThat(undeletion.list()).hasSize(1);
      }
      service.restore(key, first.root() + ":" + source + "/file0", base.resolve("back"));
      assertThat(base.resolve("back/file0")).hasSameBinaryContentAs(source.resolve("file0"));
    }
  }

  @Test
  void whatComesBackMustBeShownFromThenOn() throws Exception {
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"))) {
      KeyFile key = service.register();
      service.backup(key, cache, source);
      BackupSummary second = service.backup(key, cache, source);
      delete(service, key, cache, second.root());
      assertThat(SeenArchive.read(cache).orElseThrow().leftSequence()).isEqualTo(1);
      undelete(service, key, second.root());
      assertThat(SeenArchive.read(cache).orElseThrow().left()).isEqualTo(second.root());
    }
  }

  @Test
  void aDeletionOfSomethingElseCostsNoSecondReading() throws Exception {
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"))) {
      KeyFile key = service.register();
      BackupSummary first = service.backup(key, cache, source);
      later(service, key);
      delete(service, key, cache, first.root());
      BackupSummary summary = later(service, key);
      assertThat(summary.unchangedFiles()).isEqualTo(summary.files());
      service.restore(key, "latest:" + source, base.resolve("back"));
      InProcess.assertSame(source, base.resolve("back"));
    }
  }

  @Test
  void anArchiveComesBackWithWhatItSharedWithALaterDeletion() throws Exception {
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"))) {
      KeyFile key = service.register();
      BackupSummary first = service.backup(key, cache, source);
      fill("file1");
      BackupSummary second = service.backup(key, cache, source);
      Files.delete(source.resolve("file0"));
      service.backup(key, cache, source);
      delete(service, key, cache, first.root());
      delete(service, key, cache, second.root());
      undelete(service, key, first.root());
      service.restore(key, first.root().toString(), base.resolve("one"));
      assertThat(base.resolve("one" + source + "/file0")).exists();
      service.restore(key, second.root().toString() + ":" + source + "/file1", base.resolve("two"));
      assertThat(base.resolve("two/file1")).hasSameBinaryContentAs(source.resolve("file1"));
    }
  }

  @Test
  void whatSomebodyElseDeletesIsSaidAndAGoneBackServerIsStillFound() throws Exception {
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"))) {
      KeyFile key = service.register();
      service.backup(key, cache, source);
      BackupSummary second = service.backup(key, cache, source);
      delete(service, key, base.resolve("other cache"), second.root());
      try (Session session = service.session();
          Catalog catalog = Catalog.open(session, key)) {
        assertThat(catalog.list(SeenArchive.read(cache)).warnings())
            .singleElement()
            .asString()
            .contains("number 2 (" + second.root().toString().substring(0, 12))
            .contains("not from here");
      }
      undelete(service, key, second.root());
      delete(service, key, cache, second.root());
      try (Session session = service.session();
          Catalog catalog = Catalog.open(session, key)) {
        assertThat(catalog.list(SeenArchive.read(cache)).warnings()).isEmpty();
        assertThat(catalog.list(Optional.empty()).archives()).hasSize(1);
      }
      assertThat(service.backup(key, cache, source).sequence()).isEqualTo(3);
    }
  }

  @Test
  void aBackupSaysOnceThatTheLastArchiveWasDeletedElsewhere() throws Exception {
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"))) {
      KeyFile key = service.register();
      service.backup(key, cache, source);
      BackupSummary second = service.backup(key, cache, source);
      assertThat(second.deletedElsewhere()).isEmpty();
      delete(service, key, base.resolve("other cache"), second.root());
      BackupSummary third = service.backup(key, cache, source);
      assertThat(third.deletedElsewhere().orElseThrow())
          .contains("number 2 (" + second.root().toString().substring(0, 12))
          .contains("not from here");
      assertThat(service.backup(key, cache, source).deletedElsewhere()).isEmpty();
    }
  }

  @Test
  void aBackupDoesNotSpeakOfItsOwnDeletionNorOfOneBeforeANewerArchive() throws Exception {
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"))) {
      KeyFile key = service.register();
      service.backup(key, cache, source);
      BackupSummary second = service.backup(key, cache, source);
      delete(service, key, cache, second.root());
      BackupSummary third = service.backup(key, cache, source);
      assertThat(third.deletedElsewhere()).isEmpty();
      service.backup(key, base.resolve("other cache"), source);
      delete(service, key, base.resolve("other cache"), third.root());
      assertThat(service.backup(key, cache, source).deletedElsewhere()).isEmpty();
    }
  }

  @Test
  void aDeletionThatWasCutOffHasNoEffectAndCanBeRepeated() throws Exception {
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"))) {
      KeyFile key = service.register();
      BackupSummary first = service.backup(key, cache, source);
      fill("file1");
      service.backup(key, cache, source);
      try (Session session = service.session()) {
        prove(session, key, Right.TIDY);
        TransactionId cutOff = TransactionId.random(InProcess.RANDOM);
        session.beginDelete(
            key.machineId(), cutOff, session.state(key.machineId()).committed(), true);
        session.delete(key.machineId(), cutOff, BlockClass.CHUNK, List.copyOf(chunksOfLists()));
      }
      Deletion.Freed freed = delete(service, key, cache, first.root());
      assertThat(freed.archives()).hasSize(1);
      assertThat(freed.chunks()).isPositive();
      service.restore(key, "latest:" + source, base.resolve("back"));
      InProcess.assertSame(source, base.resolve("back"));
      undelete(service, key, first.root());
      service.restore(key, first.root().toString(), base.resolve("one"));
    }
  }

  @Test
  void aBackupThatIsNotFinishedIsNotEndedUnasked() throws Exception {
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"))) {
      KeyFile key = service.register();
      BackupSummary first = service.backup(key, cache, source);
      try (Session session = service.session()) {
        prove(session, key, Right.WRITE);
        session.begin(
            key.machineId(),
            TransactionId.random(InProcess.RANDOM),
            session.state(key.machineId()).committed());
      }
      assertThatThrownBy(() -> delete(service, key, cache, first.root()))
          .isInstanceOf(ConflictException.class)
          .hasMessageContaining("--end-backup");
      assertThat(delete(service, key, cache, first.root(), true).archives()).hasSize(1);
    }
  }

  @Test
  void everythingIsGoneAndComesBack() throws Exception {
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"))) {
      KeyFile key = service.register();
      BackupSummary first = service.backup(key, cache, source);
      service.backup(key, cache, source);
      try (Session session = service.session()) {
        new Nuke(session, key, cache, InProcess.RANDOM).run();
      }
      try (Session session = service.session();
          Catalog catalog = Catalog.open(session, key)) {
        assertThat(catalog.list(SeenArchive.read(cache)).archives()).isEmpty();
      }
      BackupSummary after = later(service, key);
      assertThat(after.unchangedFiles()).isZero();
      assertThat(after.sequence()).isEqualTo(3);
      undelete(service, key, first.root());
      for (String archive : List.of("latest", "latest~1", "latest~2")) {
        Path back = base.resolve("back" + archive);
        service.restore(key, archive + ":" + source, back);
        InProcess.assertSame(source, back);
      }
    }
  }

  @Test
  void aNukeCountsWhatItHasTakenAndASecondOneNothing() throws Exception {
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"))) {
      KeyFile key = service.register();
      BackupSummary first = service.backup(key, cache, source);
      fill("file1");
      service.backup(key, cache, source);
      long before;
      try (Session session = service.session()) {
        prove(session, key, Right.TIDY);
        before = session.state(key.machineId()).blocks();
      }
      Deletion.Freed freed = delete(service, key, cache, first.root());
      try (Session session = service.session()) {
        Nuke.Done done = new Nuke(session, key, cache, InProcess.RANDOM).run();
        assertThat(done.blocks()).isEqualTo(before - freed.blocks());
        assertThat(done.bytes()).isPositive();
        assertThat(done.untilMillis()).isPositive();
      }
      try (Session session = service.session()) {
        Nuke.Done again = new Nuke(session, key, cache, InProcess.RANDOM).run();
        assertThat(again).isEqualTo(new Nuke.Done(0, 0, 0));
      }
      undelete(service, key, first.root());
    }
  }

  @Test
  void aNukeWhoseAnswerIsLostKnowsThatItWasDone() throws Exception {
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"))) {
      KeyFile key = service.register();
      service.backup(key, cache, source);
      try (Session session = service.session(AlteredConnection::losingDeletions)) {
        Nuke nuke = new Nuke(session, key, cache, InProcess.RANDOM);
        assertThat(nuke.wasDone()).contains(false);
        assertThatThrownBy(nuke::run).isInstanceOf(UnavailableException.class);
        assertThat(nuke.wasDone()).contains(true);
      }
      try (Session session = service.session();
          Catalog catalog = Catalog.open(session, key)) {
        assertThat(catalog.list(Optional.empty()).archives()).isEmpty();
      }
    }
  }

  @Test
  void aTidyKeyFetchesNoChunk() throws Exception {
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"))) {
      KeyFile key = service.register();
      service.backup(key, cache, source);
      BlockName chunk = chunksOfLists().iterator().next();
      KeyFile tidy = key.derive(Set.of(Right.TIDY));
      try (Session session = service.session()) {
        TidyCatalog.open(session, tidy).close();
        assertThatThrownBy(() ->
                session.fetch(
                    key.machineId(),
                    List.of(new org.holdfast.protocol.BlockRef(BlockClass.CHUNK, chunk)),
                    16 << 20,
                    new Nothing()))
            .hasMessageContaining("right");
      }
    }
  }

  private void fill(String name) throws Exception {
    byte[] content = new byte[300_000];
    random.nextBytes(content);
    Files.write(source.resolve(name), content);
  }

  /// A backup whose predecessor has seen the files long after they were changed.
  private BackupSummary later(InProcess service, KeyFile key) throws Exception {
    InProcess.CLOCK.sleepMillis(60);
    return service.backup(key, cache, source);
  }

  private static Deletion.Freed delete(InProcess service, KeyFile key, Path folder, BlockName root)
      throws Exception {
    return delete(service, key, folder, root, false);
  }

  private static Deletion.Freed delete(
      InProcess service, KeyFile key, Path folder, BlockName root, boolean overOpenBackup)
      throws Exception {
    KeyFile tidy = key.derive(Set.of(Right.TIDY));
    try (Session session = service.session();
        TidyCatalog catalog = TidyCatalog.open(session, tidy)) {
      return new Deletion(
              session, key.machineId(), catalog, folder, InProcess.RANDOM, new TidyProgress())
          .run(list -> Deletion.Chosen.of(List.of(list.select(root.toString()))), overOpenBackup);
    }
  }

  private void undelete(InProcess service, KeyFile key, BlockName root) throws Exception {
    try (Session session = service.session()) {
      prove(session, key, Right.TIDY);
      Undeletion undeletion = new Undeletion(session, key.machineId(), cache);
      undeletion.undo(undeletion.choose(root.toString()));
    }
  }

  /// As somebody would who wants nothing to show before the chunks are freed.
  private static void deleteSecretly(InProcess service, KeyFile key, Set<BlockName> chunks)
      throws Exception {
    try (Session session = service.session()) {
      prove(session, key, Right.TIDY);
      TransactionId transaction = TransactionId.random(InProcess.RANDOM);
      session.beginDelete(
          key.machineId(), transaction, session.state(key.machineId()).committed(), true);
      session.delete(key.machineId(), transaction, BlockClass.CHUNK, List.copyOf(chunks));
      session.commitDelete(key.machineId(), transaction);
    }
  }

  private static void prove(Session session, KeyFile key, Right right) throws Exception {
    session.prove(key.machineId(), right, key.keys().credentialFor(right).privateKey());
  }

  private Set<BlockName> chunksOfLists() throws Exception {
    Set<BlockName> chunks = new HashSet<>();
    try (Stream<Path> files = Files.list(cache)) {
      for (Path file : files.filter(each -> each.toString().contains("list-")).toList()) {
        try (FileChannel channel = FileChannel.open(file)) {
          ListReader reader = new ListReader(channel);
          for (var page = reader.next(); page.isPresent(); page = reader.next()) {
            chunks.addAll(PageReferences.decode(page.get().references()));
          }
        }
      }
    }
    return chunks;
  }

  private static final class Nothing implements org.holdfast.protocol.FetchSink<RuntimeException> {
    @Override
    public void block(int index, java.nio.ByteBuffer bytes) {
      throw new AssertionError("a chunk came");
    }

    @Override
    public void missing(int index) {}
  }
}
