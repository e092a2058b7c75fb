package org.holdfast.client.backup;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.holdfast.client.archive.ListReader;
import org.holdfast.core.Bytes;
import org.holdfast.core.ConflictException;
import org.holdfast.core.CorruptException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.TransactionId;
import org.holdfast.protocol.Message;
import org.jspecify.annotations.Nullable;

/// A machine's cache folder: the list of its last archive, and of the one that is being made.
///
/// - `list-ID`: the archive that transaction ID committed; its file time is when that backup began
/// - `next-ID`: the archive that transaction ID is making, or has made if the commit's answer was
///   lost
/// - `lock`: held while a backup runs
///
/// All of it may be deleted at any time; the next backup then reads every file again.
final class BackupCache implements AutoCloseable {
  private static final String LIST = "list-";
  private static final String NEXT = "next-";

  private final Path folder;
  private final FileChannel lock;

  private BackupCache(Path folder, FileChannel lock) {
    this.folder = folder;
    this.lock = lock;
  }

  /// Opens the folder for one backup at a time.
  static BackupCache open(Path folder) throws ConflictException, RefusedException {
    try {
      Files.createDirectories(folder);
      FileChannel lock =
          FileChannel.open(
              folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!isLocked(lock)) {
        lock.close();
        throw new ConflictException(
            "another backup with this key is running here (cache folder "
                + folder
                + "): wait for it");
      }
      return new BackupCache(folder, lock);
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  private static boolean isLocked(FileChannel channel) throws IOException {
    try {
      FileLock held = channel.tryLock();
      return held != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  /// Brings the folder in line with what the server says; answers the transaction to go on with, if
  /// one was interrupted that is still open there.
  ///
  /// Throws [CorruptException] if the server is behind what this folder has seen committed.
  Optional<TransactionId> settle(Message.StateReply state)
      throws CorruptException, RefusedException {
    try {
      for (Path file : files(NEXT)) {
        TransactionId id = id(file, NEXT);
        if (id.equals(state.committed())) {
          Files.move(file, folder.resolve(LIST + id), StandardCopyOption.ATOMIC_MOVE);
        }
      }
      for (Path file : files(LIST)) {
        checkNotBehind(file, state);
        if (!id(file, LIST).equals(state.committed())) {
          Files.delete(file);
        }
      }
      Message.@Nullable OpenTransaction open = state.open();
      for (Path file : files(NEXT)) {
        if (open != null && id(file, NEXT).equals(open.transaction())) {
          return Optional.of(open.transaction());
        }
        Files.delete(file);
      }
      return Optional.empty();
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  /// The list of the archive which that transaction committed, if it is here.
  Optional<FileChannel> list(@Nullable TransactionId committed) throws RefusedException {
    Path file = folder.resolve(LIST + committed);
    try {
      return committed != null && Files.exists(file)
          ? Optional.of(FileChannel.open(file, StandardOpenOption.READ))
          : Optional.empty();
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  /// When the backup began whose list this is, in ms since 1970.
  long listMillis(TransactionId committed) throws IOException {
    return Files.getLastModifiedTime(folder.resolve(LIST + committed)).toMillis();
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
      throw unusable(folder, e);
    }
  }

  /// The list is whole; the commit may follow.
  void finished(TransactionId transaction, long startMillis) throws IOException {
    Files.setLastModifiedTime(folder.resolve(NEXT + transaction), FileTime.fromMillis(startMillis));
  }

  /// The transaction is committed: its list replaces the one before.
  void committed(TransactionId transaction) throws IOException {
    Path list = folder.resolve(LIST + transaction);
    Files.move(folder.resolve(NEXT + transaction), list, StandardCopyOption.ATOMIC_MOVE);
    for (Path file : files(LIST)) {
      if (!file.equals(list)) {
        Files.delete(file);
      }
    }
  }

  @Override
  public void close() throws RefusedException {
    try {
      lock.close();
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  private static void checkNotBehind(Path list, Message.StateReply state)
      throws IOException, CorruptException {
    long seen;
    try (FileChannel channel = FileChannel.open(list, StandardOpenOption.READ)) {
      seen = new ListReader(channel).sequence();
    } catch (CorruptException e) {
      // A damaged list says nothing; it is not used either.
      return;
    }
    if (seen > state.highestSequence()) {
      throw new CorruptException(
          "the server has lost or hides archives: this machine has committed archive number "
              + seen
              + ", the server's last is "
              + state.highestSequence()
              + ". Ask the operator; to go on regardless, delete "
              + list);
    }
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

  private static RefusedException unusable(Path folder, IOException cause) {
    return new RefusedException(
        "the cache folder "
            + folder
            + " cannot be used ("
            + cause
            + "): choose another with --cache",
        cause);
  }
}
