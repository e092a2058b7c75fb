package org.holdfast.client.backup;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.holdfast.client.archive.CacheLock;
import org.holdfast.client.archive.ListReader;
import org.holdfast.client.archive.SeenArchive;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.ConflictException;
import org.holdfast.core.CorruptException;
import org.holdfast.core.Folders;
import org.holdfast.core.RefusedException;
import org.holdfast.core.TransactionId;
import org.holdfast.protocol.Message;

/// A machine's cache folder: the lists of its last archives, one for each set of paths that is
/// backed up, and of the archive that is being made.
///
/// - `list-ID`: the archive that transaction ID committed. Since then nothing but backups from this
///   folder has been committed, so that whoever finds the root knows all of its blocks to be there
/// - `doubt-ID`: the same, but somebody else has committed something since, perhaps a deletion
/// - `next-ID`: the archive that transaction ID is making, or has made if the commit's answer was
///   lost
/// - `seen`: the newest archive that was committed here, see [SeenArchive]
/// - `lock`: held while a backup runs
///
/// All of it may be deleted at any time. The next backup then reads every file again, and without
/// `seen` it does not notice that the server has gone back.
final class BackupCache implements AutoCloseable {
  /// Sets of paths whose lists are kept, those backed up last.
  static final int LISTS_MAX = 8;

  private static final String LIST = "list-";
  private static final String DOUBT = "doubt-";
  private static final String NEXT = "next-";

  private final Path folder;
  private final CacheLock lock;

  private BackupCache(Path folder, CacheLock lock) {
    this.folder = folder;
    this.lock = lock;
  }

  /// Opens the folder for one backup at a time.
  static BackupCache open(Path folder) throws ConflictException, RefusedException {
    return new BackupCache(folder, CacheLock.take(folder));
  }

  /// Brings the folder in line with what the server says; answers the transaction to go on with, if
  /// one was interrupted that is still open there.
  ///
  /// Throws [CorruptException] if the server is behind what this folder has seen committed, or
  /// shows something else in its place; then nothing here is changed.
  Optional<TransactionId> settle(Message.StateReply state)
      throws CorruptException, RefusedException {
    Optional<SeenArchive> seen = SeenArchive.read(folder);
    if (seen.isPresent()) {
      boolean isNewest = state.highestSequence() == seen.get().sequence();
      seen.get().check(state.highestSequence(), isNewest ? state.lastRoot() : null);
    }
    if ((state.highestSequence() == 0) != (state.lastRoot() == null)) {
      throw new CorruptException(
          "the server contradicts itself about this machine's last archive: ask its operator");
    }
    try {
      Optional<TransactionId> interrupted = Optional.empty();
      for (Path file : files(NEXT)) {
        TransactionId id = id(file, NEXT);
        if (state.open() != null && id.equals(state.open().transaction())) {
          interrupted = Optional.of(id);
        } else if (id.equals(state.committed()) && isLast(file, state)) {
          committed(id);
        } else {
          Files.delete(file);
        }
      }
      if (state.committed() == null || !Files.exists(folder.resolve(LIST + state.committed()))) {
        doubt();
      }
      return interrupted;
    } catch (IOException e) {
      throw CacheLock.unusable(folder, e);
    }
  }

  /// The newest archive that was committed here before, if that is known.
  Optional<SeenArchive> seen() throws CorruptException, RefusedException {
    return SeenArchive.read(folder);
  }

  /// What the lists name may have been deleted, other than with their roots. On the disk before
  /// anything else is committed, as afterwards nothing would tell.
  private void doubt() throws IOException {
    for (Path file : files(LIST)) {
      Path doubted = folder.resolve(DOUBT + id(file, LIST));
      Files.move(file, doubted, StandardCopyOption.ATOMIC_MOVE);
    }
    Folders.sync(folder);
  }

  /// The lists to compare with, the best one first: that of the same paths, then the newest.
  List<OldList> lists(Bytes paths) throws RefusedException {
    try {
      return readable().stream()
          .sorted(
              Comparator.comparing((OldList list) -> !list.paths.equals(paths))
                  .thenComparing(Comparator.comparingLong(OldList::sequence).reversed()))
          .toList();
    } catch (IOException e) {
      throw CacheLock.unusable(folder, e);
    }
  }

  /// An empty file for the list of the archive that the transaction is making.
  FileChannel next(TransactionId transaction) throws RefusedException {
    try {
      return FileChannel.open(
          folder.resolve(NEXT + transaction),
          StandardOpenOption.CREATE,
          StandardOpenOption.TRUNCATE_EXISTING,
          StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw CacheLock.unusable(folder, e);
    }
  }

  /// The transaction is committed: its archive is the newest seen, and its list replaces the one of
  /// the same paths. In this order: what is cut short between the two is done again by [#settle],
  /// which finds the list by its old name only.
  void committed(TransactionId transaction) throws IOException, CorruptException, RefusedException {
    Path next = folder.resolve(NEXT + transaction);
    Path file = folder.resolve(LIST + transaction);
    OldList newest = OldList.read(next);
    SeenArchive.of(folder, newest.sequence, newest.root).write();
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    int kept = 0;
    for (OldList list : lists(newest.paths)) {
      boolean isReplaced = list.paths.equals(newest.paths) && !list.file.equals(file);
      if (isReplaced || kept == LISTS_MAX) {
        Files.delete(list.file);
      } else {
        kept++;
      }
    }
  }

  @Override
  public void close() throws RefusedException {
    lock.close();
  }

  /// Whether the list is whole, and of the server's newest archive.
  private static boolean isLast(Path next, Message.StateReply state) throws IOException {
    try {
      OldList list = OldList.read(next);
      return list.sequence == state.highestSequence() && list.root.equals(state.lastRoot());
    } catch (CorruptException e) {
      return false;
    }
  }

  /// All lists that can be read; the others are deleted.
  private List<OldList> readable() throws IOException {
    List<OldList> lists = new ArrayList<>();
    for (String prefix : List.of(LIST, DOUBT)) {
      for (Path file : files(prefix)) {
        try {
          lists.add(OldList.read(file));
        } catch (CorruptException e) {
          Files.delete(file);
        }
      }
    }
    return lists;
  }

  private List<Path> files(String prefix) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().matches(prefix + "[0-9a-f]{32}"))
          .sorted()
          .toList();
    }
  }

  private static TransactionId id(Path file, String prefix) {
    return new TransactionId(Bytes.ofHex(file.getFileName().toString().substring(prefix.length())));
  }

  /// The list of an earlier archive.
  record OldList(Path file, TransactionId transaction, Bytes paths, BlockName root, long sequence) {
    static OldList read(Path file) throws IOException, CorruptException {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        ListReader reader = new ListReader(channel);
        return new OldList(
            file, reader.transaction(), reader.paths(), reader.root(), reader.sequence());
      }
    }

    /// Whether its blocks must be asked for, and not the root alone.
    boolean isDoubted() {
      return file.getFileName().toString().startsWith(DOUBT);
    }

    FileChannel open() throws IOException {
      return FileChannel.open(file, StandardOpenOption.READ);
    }
  }
}
