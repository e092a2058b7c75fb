package org.holdfast.seal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;
import org.holdfast.core.Folders;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.jspecify.annotations.Nullable;

/// Key files on disk.
///
/// A file appears under its name whole and synced, or not at all, whenever the machine stops; only
/// its owner can read it; and a key file is never lost to another that is written in its place by
/// mistake, since [#create] refuses a name that is taken. An edge: does I/O.
public final class KeyFileStore {
  private final SecureRandom random;

  /// @param random draws the names of temporary files
  public KeyFileStore(SecureRandom random) {
    this.random = random;
  }

  /// All bytes of a key file. Throws [RefusedException] if there is none.
  public byte[] read(Path path) throws RefusedException, UnavailableException {
    try (InputStream in = Files.newInputStream(path)) {
      // One byte more than a key file can have: enough for the reader to refuse it.
      return in.readNBytes(KeyFileFormat.BYTES_MAX + 1);
    } catch (NoSuchFileException e) {
      throw new RefusedException(
          "no key file at " + path + "; give --keyfile, or make one with init", e);
    } catch (IOException e) {
      throw failed("read", path, e);
    }
  }

  /// Writes a key file where there is none. Throws [RefusedException] if the name is taken.
  public void create(Path path, byte[] bytes) throws RefusedException, UnavailableException {
    Path target = path.toAbsolutePath();
    refuseIfTaken(target);
    try {
      Path temporary = writeTemporary(target, bytes);
      try {
        giveName(temporary, target);
      } finally {
        Files.deleteIfExists(temporary);
      }
      syncFolder(target);
    } catch (FileAlreadyExistsException e) {
      throw taken(path, e);
    } catch (IOException e) {
      throw failed("write", path, e);
    }
  }

  /// Writes a key file in place of the one that is there, for a change of passphrase.
  public void replace(Path path, byte[] bytes) throws UnavailableException {
    Path target = path.toAbsolutePath();
    try {
      Path temporary = writeTemporary(target, bytes);
      try {
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(temporary);
      }
      syncFolder(target);
    } catch (IOException e) {
      throw failed("write", path, e);
    }
  }

  private static void refuseIfTaken(Path target) throws RefusedException {
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      throw taken(target, null);
    }
  }

  private Path writeTemporary(Path target, byte[] bytes) throws IOException {
    byte[] suffix = new byte[8];
    random.nextBytes(suffix);
    String name = "." + target.getFileName() + "." + HexFormat.of().formatHex(suffix);
    Path temporary = target.resolveSibling(name);
    var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    try (FileChannel channel = FileChannel.open(temporary, options, mode)) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    } catch (IOException e) {
      Files.deleteIfExists(temporary);
      throw e;
    }
    return temporary;
  }

  /// A hard link fails if the name is taken, where a rename would overwrite. Some file systems have
  /// no hard links; there the name was looked up just before.
  private static void giveName(Path temporary, Path target) throws IOException {
    try {
      Files.createLink(target, temporary);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (IOException | UnsupportedOperationException e) {
      if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
        throw new FileAlreadyExistsException(target.toString());
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private static void syncFolder(Path target) throws IOException {
    Path folder = target.getParent();
    if (folder != null) {
      Folders.sync(folder);
    }
  }

  private static RefusedException taken(Path path, @Nullable Throwable cause) {
    String message = "there is a file at " + path + " already; move it away or name another";
    return cause == null ? new RefusedException(message) : new RefusedException(message, cause);
  }

  private static UnavailableException failed(String what, Path path, IOException cause) {
    return new UnavailableException(
        "cannot " + what + " key file " + path + ": " + reason(cause), cause);
  }

  /// A file system's exceptions have the path for a message.
  private static String reason(IOException cause) {
    return switch (cause) {
      case AccessDeniedException _ -> "permission denied";
      case NoSuchFileException _ -> "no such folder";
      case FileSystemException other when other.getReason() != null -> other.getReason();
      default -> String.valueOf(cause.getMessage());
    };
  }
}
