package org.holdfast.bucket;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.holdfast.core.RefusedException;

/// How a person names a bucket: `dir:PATH`.
public sealed interface BucketAddress {
  /// A folder of this machine, by its absolute path.
  record Directory(Path path) implements BucketAddress {
    @Override
    public String toString() {
      return "dir:" + path;
    }
  }

  /// A relative path counts from the working folder.
  static BucketAddress parse(String text) throws RefusedException {
    if (text.startsWith("s3://")) {
      throw new RefusedException(
          "buckets in S3 are not yet in this version: use dir:PATH instead of " + text);
    }
    if (!text.startsWith("dir:") || text.equals("dir:")) {
      throw new RefusedException("'" + text + "' is not a bucket's address: write dir:PATH");
    }
    try {
      return new Directory(Path.of(text.substring("dir:".length())).toAbsolutePath());
    } catch (InvalidPathException e) {
      throw new RefusedException("no path for a folder in the bucket's address: correct it", e);
    }
  }
}
