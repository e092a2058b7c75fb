package org.holdfast.client.archive;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.holdfast.core.ConflictException;
import org.holdfast.core.Folders;
import org.holdfast.core.RefusedException;

/// A machine's cache folder, for one command that changes archives at a time. An I/O edge.
public final class CacheLock implements AutoCloseable {
  private final Path folder;
  private final FileChannel lock;

  private CacheLock(Path folder, FileChannel lock) {
    this.folder = folder;
    this.lock = lock;
  }

  /// Makes the folder if need be. Throws [ConflictException] while another command has it.
  public static CacheLock take(Path folder) throws ConflictException, RefusedException {
    try {
      Folders.make(folder);
      FileChannel lock =
          FileChannel.open(
              folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!isLocked(lock)) {
        lock.close();
        throw new ConflictException(
            "another command with this key is running here (cache folder "
                + folder
                + "): wait for it");
      }
      return new CacheLock(folder, lock);
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  /// For a folder that cannot be read or written.
  public static RefusedException unusable(Path folder, IOException cause) {
    return new RefusedException(
        "the cache folder "
            + folder
            + " cannot be used ("
            + cause
            + "): choose another with --cache",
        cause);
  }

  @Override
  public void close() throws RefusedException {
    try {
      lock.close();
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
}
