package org.holdfast.client.backup;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import javax.crypto.spec.SecretKeySpec;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.ListWriter;
import org.holdfast.client.archive.Root;
import org.holdfast.client.archive.RootContent;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
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
  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

  private final Session session;
  private final KeyFile keyFile;
  private final Path cacheFolder;
  private final Clock clock;
  private final Spawner spawner;
  private final SecureRandom random;
  private final BackupProgress progress;

  /// `cacheFolder` is this machine's; nothing else uses it.
  public Backup(
      Session session,
      KeyFile keyFile,
      Path cacheFolder,
      Clock clock,
      Spawner spawner,
      SecureRandom random,
      BackupProgress progress) {
    this.session = session;
    this.keyFile = keyFile;
    this.cacheFolder = cacheFolder;
    this.clock = clock;
    this.spawner = spawner;
    this.random = random;
    this.progress = progress;
  }

  /// Backs up everything below these absolute paths.
  public BackupSummary run(List<byte[]> absoluteRoots, BackupOptions options)
      throws HoldfastException, IOException {
    WriteKeys keys = keyFile.keys().write();
    MachineId machine = keyFile.machineId();
    session.prove(machine, Right.WRITE, keys.credential().privateKey());
    try (BackupCache cache = BackupCache.open(cacheFolder)) {
      Message.StateReply state = session.state(machine);
      Optional<TransactionId> interrupted = cache.settle(state);
      TransactionId transaction = interrupted.orElseGet(() -> TransactionId.random(random));
      boolean resumed = session.begin(machine, transaction, state.committed());
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
                  PROCESSORS,
                  spawner,
                  progress);
          FileChannel next = cache.next(transaction);
          OldArchive old = old(cache, state)) {
        long startMillis = clock.wallMillis();
        long start = clock.nanos();
        blocks.storeRun();
        ListWriter list = new ListWriter(next, machine, transaction);
        ArchiveWriter archive =
            new ArchiveWriter(
                new SecretKeySpec(keys.pageCutKey().toArray(), "HmacSHA256"), blocks, list);
        Intake intake = new Intake(archive, intake(keys, blocks), old, progress);
        SortedSet<ArchivePath> roots = roots(absoluteRoots);
        intake.takeIn(roots);
        Head head = new Head(startMillis, roots, intake.counts(), state);
        BlockName root = storeRoot(head, options, archive, blocks, keys);
        long sequence = state.highestSequence() + 1;
        list.finish(root, sequence);
        cache.finished(transaction, startMillis);
        session.commit(machine, transaction, root, sequence);
        cache.committed(transaction);
        return intake
            .counts()
            .summary(
                root,
                sequence,
                options.name(),
                blocks,
                resumed,
                (clock.nanos() - start) / 1_000_000);
      }
    }
  }

  private static OldArchive old(BackupCache cache, Message.StateReply state)
      throws HoldfastException, IOException {
    TransactionId committed = state.committed();
    if (committed == null) {
      return OldArchive.none();
    }
    Optional<FileChannel> list = cache.list(committed);
    return list.isPresent()
        ? OldArchive.open(list.get(), cache.listMillis(committed))
        : OldArchive.none();
  }

  private static FileIntake intake(WriteKeys keys, BlockStore blocks) {
    return new FileIntake(
        new ChunkStream(new Chunker(keys.chunkingKey(), ChunkSizes.DEFAULT), blocks),
        new ChunkStream(new Chunker(keys.chunkingKey(), ChunkSizes.DEFAULT), blocks),
        new ContentTag(keys.nameKey()));
  }

  /// The paths asked for, without those that lie below another.
  private static SortedSet<ArchivePath> roots(List<byte[]> absolute) throws HoldfastException {
    TreeSet<ArchivePath> all = new TreeSet<>();
    for (byte[] path : absolute) {
      if (path.length == 0 || path[0] != '/') {
        throw new RefusedException("a path to back up is absolute by now");
      }
      all.add(ArchivePath.of(Arrays.copyOfRange(path, 1, path.length)));
    }
    TreeSet<ArchivePath> roots = new TreeSet<>();
    for (ArchivePath path : all) {
      if (roots.isEmpty() || !roots.last().contains(path)) {
        roots.add(path);
      }
    }
    return roots;
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
            List.copyOf(head.roots),
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
            blocks.newBytes(),
            RootContent.hash(contentPart),
            archive.pages());
    byte[] references = root.encode(bytes -> keys.signer().sign(bytes, random));
    BlockName name = blocks.pair(BlockClass.ROOT, Bytes.wrap(references), Bytes.wrap(contentPart));
    blocks.drain();
    return name;
  }

  private record Head(
      long startMillis, SortedSet<ArchivePath> roots, Counts counts, Message.StateReply state) {}
}
