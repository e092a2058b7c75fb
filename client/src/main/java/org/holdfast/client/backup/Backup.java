package org.holdfast.client.backup;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import javax.crypto.spec.SecretKeySpec;
import org.holdfast.client.archive.ListWriter;
import org.holdfast.client.archive.Root;
import org.holdfast.client.archive.RootContent;
import org.holdfast.client.archive.SeenArchive;
import org.holdfast.client.tree.SourceTree;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.ConflictException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Right;
import org.holdfast.core.Spawner;
import org.holdfast.core.TransactionId;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Session;
import org.holdfast.seal.BlockNamer;
import org.holdfast.seal.KeyFile;
import org.holdfast.seal.Run;
import org.holdfast.seal.WriteKeys;
import org.holdfast.seal.chunk.ChunkSizes;
import org.holdfast.seal.chunk.Chunker;
import org.jspecify.annotations.Nullable;

/// One backup, from the walk to the commit.
///
/// ```
/// walk > read > cut > name > ask > seal > store        each chunk on a thread of its own
///          \-> entries, in order > pages > root > commit
/// ```
///
/// An archive exists when its commit is acknowledged, and not before. A backup that is interrupted
/// leaves its transaction open at the server and its name in the cache; the next one resumes it and
/// sends nothing twice.
public final class Backup {
  private final Session session;
  private final KeyFile keyFile;
  private final SourceTree.Place place;
  private final Path cacheFolder;
  private final Clock clock;
  private final Spawner spawner;
  private final Spawner readers;
  private final SecureRandom random;
  private final BackupProgress progress;
  private @Nullable TransactionId begun;

  /// What this has come to if the server does not show the archive.
  private Outcome otherwise = Outcome.NOT_BEGUN;

  /// `cacheFolder` is this machine's; nothing else uses it. `readers` starts the threads that wait
  /// for the disk.
  public Backup(
      Session session,
      KeyFile keyFile,
      SourceTree.Place place,
      Path cacheFolder,
      Clock clock,
      Spawner spawner,
      Spawner readers,
      SecureRandom random,
      BackupProgress progress) {
    this.session = session;
    this.keyFile = keyFile;
    this.place = place;
    this.cacheFolder = cacheFolder;
    this.clock = clock;
    this.spawner = spawner;
    this.readers = readers;
    this.random = random;
    this.progress = progress;
  }

  /// Backs up what the scope says.
  public BackupSummary run(BackupScope scope, BackupOptions options)
      throws HoldfastException, IOException {
    options.check();
    WriteKeys keys = keyFile.keys().write();
    MachineId machine = keyFile.machineId();
    session.prove(machine, Right.WRITE, keys.credential().privateKey());
    try (BackupCache cache = BackupCache.open(cacheFolder)) {
      OwnFolders own = new OwnFolders(scope, place);
      Message.StateReply state = session.state(machine);
      Begun open = begin(state, cache.settle(state));
      TransactionId transaction = open.transaction;
      LostBlocks lost = open.lost;
      boolean nothingThere = state.blocks() == 0;
      try (Run run = Run.start(keys, random, options.level());
          BlockStore blocks =
              new BlockStore(
                  session,
                  machine,
                  transaction,
                  new BlockNamer(keys.nameKey()),
                  run,
                  nothingThere,
                  options.processors(),
                  spawner,
                  progress);
          FileChannel next = cache.next(transaction);
          OldArchive old = old(cache, scope, state, transaction, lost)) {
        Optional<String> deletedElsewhere = deletedElsewhere(cache, transaction, lost, state);
        long startMillis = clock.wallMillis();
        long start = clock.nanos();
        blocks.storeRun();
        ListWriter list = new ListWriter(next, machine, transaction, scope.digest(), startMillis);
        ArchiveWriter archive =
            new ArchiveWriter(
                new SecretKeySpec(keys.pageCutKey().toArray(), "HmacSHA256"), blocks, list);
        Intake intake;
        try (FileIntake content = intake(keys, blocks)) {
          intake =
              new Intake(
                  archive, content, keys.nameKey(), old, lost, own, place, readers, progress);
          intake.takeIn(scope);
        }
        place.finish();
        LostPages.send(cache, scope.digest(), lost, blocks);
        blocks.drain();
        Stored stored = new Stored(blocks.newBytes(), blocks.newBlocks());
        Head head = new Head(startMillis, scope, intake.counts(), state, stored);
        BlockName root = storeRoot(head, options, archive, blocks, keys);
        long sequence = state.highestSequence() + 1;
        list.finish(root, sequence);
        LostBlocks left = lost.isEmpty() ? lost : LostBlocks.ask(session, machine, transaction);
        left.checkKeys();
        commit(transaction, root, sequence);
        cache.committed(transaction);
        return intake
            .counts()
            .summary(
                root,
                sequence,
                options.name(),
                stored,
                new Mended(Math.max(0, lost.count() - left.count()), left.count()),
                open.resumed,
                deletedElsewhere,
                (clock.nanos() - start) / 1_000_000);
      }
    }
  }

  /// The transaction that is left from a run which was interrupted, or another.
  private Begun begin(Message.StateReply state, Optional<TransactionId> interrupted)
      throws HoldfastException {
    Begun first = begin(state, interrupted.orElseGet(() -> TransactionId.random(random)));
    if (!first.resumed || !first.lost.hasKeys()) {
      first.lost.checkKeys();
      return first;
    }
    // They may be its own, which nobody needs who sends everything again. If they are those of an
    // archive, this is told in a moment: whose they are the server does not say.
    Begun another = begin(state, TransactionId.random(random));
    another.lost.checkKeys();
    return another;
  }

  private Begun begin(Message.StateReply state, TransactionId transaction)
      throws HoldfastException {
    MachineId machine = keyFile.machineId();
    boolean resumed = session.begin(machine, transaction, state.committed());
    begun = transaction;
    otherwise = Outcome.NO_ARCHIVE;
    return new Begun(transaction, resumed, LostBlocks.ask(session, machine, transaction));
  }

  /// What a run that has failed leaves behind, as far as the server can be asked.
  public Outcome outcome() {
    if (begun == null || otherwise == Outcome.ARCHIVE) {
      return otherwise;
    }
    try {
      Message.StateReply state = session.state(keyFile.machineId());
      return begun.equals(state.committed()) ? Outcome.ARCHIVE : otherwise;
    } catch (HoldfastException e) {
      return otherwise;
    }
  }

  /// A server that fails to answer may commit later, when its bucket is back, unless it has said
  /// that it will not.
  private void commit(TransactionId transaction, BlockName root, long sequence)
      throws HoldfastException {
    otherwise = Outcome.UNKNOWN;
    try {
      session.commit(keyFile.machineId(), transaction, root, sequence);
      otherwise = Outcome.ARCHIVE;
    } catch (ConflictException | RefusedException e) {
      otherwise = Outcome.NO_ARCHIVE;
      throw e;
    }
  }

  /// The archive to compare with. Its chunks are relied on without asking, so they must be there,
  /// or be known to be damaged.
  private OldArchive old(
      BackupCache cache,
      BackupScope scope,
      Message.StateReply state,
      TransactionId transaction,
      LostBlocks lost)
      throws HoldfastException, IOException {
    if (lost.hasMore()) {
      return OldArchive.none();
    }
    ListPresence presence = new ListPresence(session, keyFile.machineId(), transaction, lost);
    for (BackupCache.OldList list : cache.lists(scope.digest())) {
      boolean isThere =
          list.isDoubted()
              ? presence.hasAll(list)
              : list.transaction().equals(state.committed()) || presence.hasRoot(list.root());
      if (isThere) {
        return OldArchive.open(list.open());
      }
    }
    return OldArchive.none();
  }

  /// What to say if the newest archive that this machine has made and not deleted is gone, and
  /// nothing newer is there. A write key is not told when it was deleted, nor until when it can
  /// come back.
  private Optional<String> deletedElsewhere(
      BackupCache cache, TransactionId transaction, LostBlocks lost, Message.StateReply state)
      throws HoldfastException {
    Optional<SeenArchive> seen = cache.seen();
    if (seen.isEmpty() || seen.get().leftSequence() == 0) {
      return Optional.empty();
    }
    ListPresence presence = new ListPresence(session, keyFile.machineId(), transaction, lost);
    BlockName last = state.lastRoot();
    boolean hasNewer =
        last != null && state.highestSequence() > seen.get().sequence() && presence.hasRoot(last);
    return hasNewer || presence.hasRoot(seen.get().left())
        ? Optional.empty()
        : Optional.of(seen.get().deletedElsewhere());
  }

  private FileIntake intake(WriteKeys keys, BlockStore blocks) {
    return new FileIntake(stream(keys, blocks), stream(keys, blocks), progress);
  }

  private static ChunkStream stream(WriteKeys keys, BlockStore blocks) {
    return new ChunkStream(
        new Chunker(keys.chunkingKey(), ChunkSizes.DEFAULT), blocks, blocks.buffers());
  }

  private BlockName storeRoot(
      Head head, BackupOptions options, ArchiveWriter archive, BlockStore blocks, WriteKeys keys)
      throws HoldfastException {
    RootContent content =
        new RootContent(
            options.name(),
            options.tags(),
            options.host(),
            options.user(),
            options.program(),
            List.copyOf(head.scope.roots()),
            archive.starts(),
            head.counts.unreadable(),
            head.counts.named());
    byte[] contentPart = content.encode();
    BlockName previous = head.state.lastRoot();
    Root root =
        new Root(
            keyFile.machineId(),
            head.state.highestSequence() + 1,
            previous == null ? Root.NO_ROOT : previous,
            head.startMillis,
            clock.wallMillis(),
            false,
            options.retentionTag(),
            content.entries(),
            content.bytes(),
            head.stored.bytes(),
            RootContent.hash(contentPart),
            archive.pages());
    byte[] references = root.encode(bytes -> keys.signer().sign(bytes, random));
    BlockName name = blocks.pair(BlockClass.ROOT, Bytes.wrap(references), Bytes.wrap(contentPart));
    blocks.drain();
    return name;
  }

  /// What a run has come to that did not end well.
  public enum Outcome {
    /// Nothing is different at the server.
    NOT_BEGUN,
    /// What was sent is kept for the next run.
    NO_ARCHIVE,
    /// The archive is there.
    ARCHIVE,
    /// The commit was sent, and not answered by a yes or a no: the archive may be there, or come.
    UNKNOWN
  }

  /// Sealed blocks that were handed to the server, besides the root: it says how many they are.
  record Stored(long bytes, long blocks) {}

  /// Damaged blocks that are there again, and those that are not.
  record Mended(long blocks, long left) {}

  /// A transaction, and what it must not rely on.
  private record Begun(TransactionId transaction, boolean resumed, LostBlocks lost) {}

  private record Head(
      long startMillis,
      BackupScope scope,
      Counts counts,
      Message.StateReply state,
      Stored stored) {}
}
