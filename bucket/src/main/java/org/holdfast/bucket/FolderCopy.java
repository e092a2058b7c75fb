package org.holdfast.bucket;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import org.holdfast.core.FileReason;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;

/// A folder that is filled with objects once, and is a bucket to read from when it is whole,
/// wherever it was taken by then.
///
/// - From [#begin] to [#finish] the file [#UNFINISHED] is in it, and nobody opens it as a bucket.
/// - What a method has written is on the disk when it returns.
/// - It needs no links: a disk that is sent to somebody has the file system that any machine reads.
///
/// Used by one thread.
public final class FolderCopy {
  static final String UNFINISHED = "export-unfinished";

  private static final List<ByteBuffer> NOTHING = List.of(ByteBuffer.allocate(0));

  private final Path root;
  private final FolderSync folders;
  private boolean hasPut;

  private FolderCopy(Path root) {
    this.root = root;
    this.folders = new FolderSync(root);
  }

  /// Makes the folder where there is none, and marks it as unfinished. Refused if something is in
  /// it.
  public static FolderCopy begin(Path root) throws RefusedException, UnavailableException {
    try {
      FolderSync.makeRoot(root);
      checkEmpty(root);
      TemporaryFiles.write(root.resolve(UNFINISHED), NOTHING);
      FolderSync.createIfMissing(root.resolve(TemporaryFiles.FOLDER));
      FolderSync.sync(root);
      return new FolderCopy(root);
    } catch (NotDirectoryException e) {
      throw new RefusedException(e.getFile() + " is a file: choose another path", e);
    } catch (IOException e) {
      throw FileFailure.ofWrite(e, root, 0, "begin to write");
    }
  }

  private static void checkEmpty(Path root) throws IOException, RefusedException {
    if (isUnfinished(root)) {
      throw new RefusedException(
          root
              + " was begun and never finished: delete it, or choose a folder that is empty or not"
              + " there yet");
    }
    try (DirectoryStream<Path> children = Files.newDirectoryStream(root)) {
      Iterator<Path> each = children.iterator();
      if (each.hasNext()) {
        throw new RefusedException(
            root
                + " is not empty ("
                + each.next().getFileName()
                + "): choose a folder that is empty or not there yet");
      }
    }
  }

  /// Whether a folder was begun and is not finished.
  static boolean isUnfinished(Path root) {
    return Files.exists(root.resolve(UNFINISHED));
  }

  /// How much may be written, in bytes.
  public long freeBytes() throws UnavailableException {
    try {
      return Files.getFileStore(root).getUsableSpace();
    } catch (IOException e) {
      throw new UnavailableException(
          "cannot tell how much room " + root + " has: " + FileReason.of(e), e);
    }
  }

  /// Adds an object whose key is new.
  public void put(String key, List<ByteBuffer> body) throws RefusedException, UnavailableException {
    KeyRules.checkKey(key);
    int length = KeyRules.checkBody(body);
    Path file = root.resolve(key);
    Path folder = FolderSync.parentOf(file);
    hasPut = true;
    try {
      folders.make(folder);
      TemporaryFiles.write(file, body);
      FolderSync.sync(folder);
    } catch (IOException e) {
      throw FileFailure.ofWrite(e, root, length, "write " + key);
    }
  }

  /// Whether something was put.
  public boolean hasPut() {
    return hasPut;
  }

  /// All is there that belongs there: it is a bucket from here on. Beside the objects a person
  /// finds a file of that name, with that text.
  public void finish(String name, String text) throws RefusedException, UnavailableException {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      TemporaryFiles.write(root.resolve(name), List.of(bytes));
      FolderSync.sync(root);
      Files.delete(root.resolve(UNFINISHED));
      FolderSync.sync(root);
    } catch (IOException e) {
      throw FileFailure.ofWrite(e, root, 0, "finish what is written");
    }
  }

  /// It will not be finished. If nothing was put the folder is empty again; else it stays as it is.
  public void abandon() throws RefusedException, UnavailableException {
    if (hasPut) {
      return;
    }
    try {
      Files.deleteIfExists(root.resolve(TemporaryFiles.FOLDER));
      Files.deleteIfExists(root.resolve(UNFINISHED));
    } catch (IOException e) {
      throw FileFailure.ofWrite(e, root, 0, "delete what was begun");
    }
  }
}
