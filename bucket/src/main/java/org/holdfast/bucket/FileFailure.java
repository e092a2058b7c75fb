package org.holdfast.bucket;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;

/// What an error of the file system means to the caller of a bucket.
final class FileFailure {
  /// What a file needs on top of its own bytes: the folder's next block, the file's map of blocks.
  private static final long SLACK_BYTES = 64 << 10;

  private FileFailure() {}

  /// Throws [RefusedException] where a retry would change nothing, else gives back what to throw.
  static UnavailableException of(IOException error, Path root, String doing)
      throws RefusedException {
    if (error instanceof AccessDeniedException) {
      throw new RefusedException(
          "cannot " + doing + " in " + root + ": no permission: check who owns the folder", error);
    }
    return new UnavailableException(
        "cannot " + doing + " in " + root + ": " + reason(error) + ": check the disk, then retry",
        error);
  }

  /// The same for what writes so many bytes, and so may have met a full or read-only disk.
  ///
  /// The system's own words are asked last: they come in the user's language.
  static UnavailableException ofWrite(IOException error, Path root, long bytes, String doing)
      throws RefusedException {
    if (isFull(error, root, bytes)) {
      throw new RefusedException(
          "cannot " + doing + " in " + root + ": the disk is full: make room", error);
    }
    if (Files.isDirectory(root) && !Files.isWritable(root)) {
      throw new RefusedException(
          "cannot " + doing + " in " + root + ": it is not writable: check permission and mount",
          error);
    }
    return of(error, root, doing);
  }

  private static boolean isFull(IOException error, Path root, long bytes) {
    try {
      if (Files.getFileStore(root).getUsableSpace() < bytes + SLACK_BYTES) {
        return true;
      }
    } catch (IOException e) {
      // The question was only how to name the first error.
      error.addSuppressed(e);
    }
    String reason = reason(error);
    return reason.contains("No space left") || reason.contains("quota exceeded");
  }

  private static String reason(IOException error) {
    String reason = error instanceof FileSystemException file ? file.getReason() : null;
    return reason != null ? reason : String.valueOf(error);
  }
}
