package org.holdfast.bucket;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import org.holdfast.core.Clock;
import org.holdfast.core.CorruptException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;

/// A bucket in a folder of a local file system. A key is the object's path below the folder.
///
/// - An object appears by link(2) of a file whose content is durable: whole or not at all, and only
///   if nothing has the name, whichever process asks.
/// - Folders of keys are made when needed and never removed.
/// - Only `.tmp/` tells a bucket from another folder. While it is missing nothing is absent, only
///   unavailable: it is the mark that the disk is mounted.
///
/// Holds nothing open between calls. Safe for use by many threads and many processes.
final class DirectoryBucket implements Bucket {
  private final Path root;
  private final TemporaryFiles temporaries;
  private final FolderSync folders;
  private final Beginnings beginnings;

  private DirectoryBucket(Path root, SecureRandom random, FolderSync folders) {
    this.root = root;
    this.temporaries = new TemporaryFiles(root, random);
    this.folders = folders;
    this.beginnings = new Beginnings(root);
  }

  /// Opens what is a bucket already.
  static DirectoryBucket open(Path root, Clock clock, SecureRandom random)
      throws RefusedException, UnavailableException {
    DirectoryBucket bucket = existing(root, random, new FolderSync(root));
    checkWritable(root);
    bucket.start(clock);
    return bucket;
  }

  /// Opens what is a bucket already, for who only reads: of the folder nothing is asked but that.
  static DirectoryBucket openToRead(Path root, SecureRandom random) throws RefusedException {
    return existing(root, random, FolderSync.reading(root));
  }

  private static DirectoryBucket existing(Path root, SecureRandom random, FolderSync folders)
      throws RefusedException {
    if (!Files.exists(root)) {
      throw new RefusedException("there is no folder " + root + ": is its disk mounted?");
    }
    checkFolder(root);
    DirectoryBucket bucket = new DirectoryBucket(root, random, folders);
    if (!bucket.temporaries.exist()) {
      throw new RefusedException(
          root
              + " is not a bucket: is its disk mounted? If it is a copy of a bucket, make the"
              + " folder "
              + TemporaryFiles.FOLDER
              + " in it");
    }
    return bucket;
  }

  /// Opens a bucket, and makes it where it is missing.
  static DirectoryBucket openOrCreate(Path root, Clock clock, SecureRandom random)
      throws RefusedException, UnavailableException {
    try {
      FolderSync.makeRoot(root);
      checkFolder(root);
      checkWritable(root);
      FolderSync.createIfMissing(root.resolve(TemporaryFiles.FOLDER));
      FolderSync.sync(root);
    } catch (NotDirectoryException e) {
      throw new RefusedException(
          "cannot make the bucket " + root + ": " + e.getFile() + " is a file: choose another path",
          e);
    } catch (IOException e) {
      throw FileFailure.ofWrite(e, root, 0, "make a bucket");
    }
    DirectoryBucket bucket = new DirectoryBucket(root, random, new FolderSync(root));
    bucket.start(clock);
    return bucket;
  }

  @Override
  public Optional<Range> get(String key, long offset, int length)
      throws CorruptException, RefusedException, UnavailableException {
    KeyRules.checkGet(key, offset, length);
    Path file = root.resolve(key);
    try {
      long objectLength = objectLength(file);
      if (objectLength < 0) {
        checkMounted();
        return Optional.empty();
      }
      long wanted = Math.min(length, Math.max(0, objectLength - offset));
      byte[] bytes = new byte[(int) wanted];
      if (bytes.length > 0) {
        if (offset == 0 && wanted <= Beginnings.LENGTH_MAX) {
          beginnings.read(key, file, bytes);
        } else {
          read(key, file, offset, bytes);
        }
      }
      return Optional.of(new Range(bytes, objectLength));
    } catch (NoSuchFileException _) {
      return Optional.empty(); // Deleted since its length was read.
    } catch (IOException e) {
      throw FileFailure.of(e, root, "read " + key);
    }
  }

  @Override
  public PutResult putIfAbsent(String key, List<ByteBuffer> body)
      throws RefusedException, UnavailableException {
    KeyRules.checkKey(key);
    int length = KeyRules.checkBody(body);
    Path file = root.resolve(key);
    Path folder = FolderSync.parentOf(file);
    Path temporary = temporaries.fresh();
    try {
      checkMounted();
      folders.make(folder);
      // Saves a retry the writing of a body that is there.
      if (objectLength(file) >= 0 || !createdByLink(temporary, file, body)) {
        return confirmed(PutResult.EXISTS, key, folder);
      }
      return confirmed(PutResult.CREATED, key, folder);
    } catch (NotDirectoryException e) {
      throw inTheWay(key, e);
    } catch (NoSuchFileException e) {
      folders.forget(folder);
      throw new UnavailableException(
          "cannot put " + key + " into " + root + ": somebody removed " + e.getFile() + ": retry",
          e);
    } catch (IOException e) {
      throw FileFailure.ofWrite(e, root, length, "put " + key);
    } finally {
      TemporaryFiles.remove(temporary);
    }
  }

  @Override
  public void delete(String key) throws RefusedException, UnavailableException {
    KeyRules.checkKey(key);
    Path file = root.resolve(key);
    try {
      if (objectLength(file) >= 0) {
        Files.deleteIfExists(file);
      } else {
        checkMounted();
      }
    } catch (IOException e) {
      throw FileFailure.of(e, root, "delete " + key);
    }
    // Also for what was not there: whoever removed it may not have made that durable.
    Path folder = FolderSync.parentOf(file);
    if (Files.isDirectory(folder)) {
      makeDurable(key, folder);
    }
  }

  @Override
  public Listing list(String prefix, String startAfter, int limit)
      throws RefusedException, UnavailableException {
    KeyRules.checkList(prefix, startAfter, limit);
    try {
      checkMounted();
      return new FolderWalk(root, prefix, startAfter, limit, folders).page();
    } catch (IOException e) {
      throw FileFailure.of(e, root, "list '" + prefix + "'");
    }
  }

  private static void checkFolder(Path root) throws RefusedException {
    if (!Files.isDirectory(root)) {
      throw new RefusedException(root + " is not a folder: choose another path for the bucket");
    }
    if (!Files.isReadable(root)) {
      throw new RefusedException(
          "no permission to read the folder " + root + ": check its owner and its mount");
    }
    if (FolderCopy.isUnfinished(root)) {
      throw new RefusedException(
          root
              + " is a copy that was begun and never finished (there is a file "
              + FolderCopy.UNFINISHED
              + " in it): have it made again");
    }
  }

  private static void checkWritable(Path root) throws RefusedException {
    if (!Files.isWritable(root)) {
      throw new RefusedException(
          "no permission to write the folder " + root + ": check its owner and its mount");
    }
  }

  private void start(Clock clock) throws RefusedException, UnavailableException {
    try {
      temporaries.removeOld(clock.wallMillis());
    } catch (IOException e) {
      throw FileFailure.ofWrite(e, root, 0, "remove old temporary files");
    }
    probeLinks();
  }

  /// Finds out at once what every put would meet: FAT and some network file systems have no links.
  private void probeLinks() throws RefusedException, UnavailableException {
    Path first = temporaries.fresh();
    Path second = temporaries.fresh();
    try {
      Files.createFile(first);
      try {
        Files.createLink(second, first);
      } catch (AccessDeniedException | NoSuchFileException e) {
        throw e;
      } catch (IOException | UnsupportedOperationException e) {
        throw new RefusedException(
            "the file system of " + root + " has no hard links: choose another for the bucket", e);
      }
    } catch (IOException e) {
      throw FileFailure.ofWrite(e, root, 0, "make a file");
    } finally {
      TemporaryFiles.remove(first);
      TemporaryFiles.remove(second);
    }
  }

  /// -1 if there is no such object.
  private static long objectLength(Path file) throws IOException {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return attributes.isRegularFile() ? attributes.size() : -1;
    } catch (NoSuchFileException _) {
      return -1;
    }
  }

  private void checkMounted() throws UnavailableException {
    if (!temporaries.exist()) {
      throw new UnavailableException(
          "the bucket " + root + " is gone: is its disk mounted? Bring it back, then retry");
    }
  }

  private static void read(String key, Path file, long offset, byte[] bytes)
      throws IOException, CorruptException {
    ByteBuffer target = ByteBuffer.wrap(bytes);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      while (target.hasRemaining()) {
        if (channel.read(target, offset + target.position()) < 0) {
          throw new CorruptException(
              "object " + key + " became shorter: something else writes to " + file);
        }
      }
    }
  }

  /// False if the name was taken.
  private static boolean createdByLink(Path temporary, Path file, List<ByteBuffer> body)
      throws IOException {
    TemporaryFiles.write(temporary, body);
    try {
      Files.createLink(file, temporary);
      return true;
    } catch (FileAlreadyExistsException e) {
      if (Files.isDirectory(file)) {
        NotDirectoryException thrown = new NotDirectoryException(file.toString());
        thrown.initCause(e);
        throw thrown;
      }
      return false;
    }
  }

  private PutResult confirmed(PutResult result, String key, Path folder)
      throws UnavailableException {
    // Also for an object of another: its writer may have linked it and not yet synced the folder.
    makeDurable(key, folder);
    return result;
  }

  /// Any error here leaves the effect unknown, even one that a retry will meet again.
  private void makeDurable(String key, Path folder) throws UnavailableException {
    try {
      FolderSync.sync(folder);
    } catch (IOException e) {
      throw new UnavailableException(
          "cannot make the change of " + key + " in " + root + " durable: check the disk, retry",
          e);
    }
  }

  private static RefusedException inTheWay(String key, NotDirectoryException e) {
    return new RefusedException(
        "cannot put " + key + ": of it and " + e.getFile() + " one is the other's folder", e);
  }
}
