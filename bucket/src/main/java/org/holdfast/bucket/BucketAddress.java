package org.holdfast.bucket;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.holdfast.core.RefusedException;

/// How a person names a bucket: `dir:PATH` or `s3://BUCKET[/PREFIX]`.
public sealed interface BucketAddress {
  /// A folder of this machine, by its absolute path.
  record Directory(Path path) implements BucketAddress {
    @Override
    public String toString() {
      return "dir:" + path;
    }
  }

  /// A bucket of an S3 store, or the part of it under a prefix. The prefix is empty, or ends in a
  /// slash.
  record S3(String name, String prefix) implements BucketAddress {
    /// What all stores take: 3 to 63 characters, as in AWS's rules for names.
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");

    /// Leaves room for the longest key in S3's 1024 bytes.
    private static final Pattern PREFIX = Pattern.compile("([A-Za-z0-9_.-]{1,100}/){0,7}");

    static S3 parse(String text) throws RefusedException {
      String rest = text.substring("s3://".length());
      int slash = rest.indexOf('/');
      String name = slash < 0 ? rest : rest.substring(0, slash);
      String path = slash < 0 ? "" : rest.substring(slash + 1);
      String prefix = path.isEmpty() || path.endsWith("/") ? path : path + "/";
      if (!NAME.matcher(name).matches()) {
        throw new RefusedException(
            "'" + text + "' does not name a bucket in S3: write s3://BUCKET or s3://BUCKET/PREFIX");
      }
      if (!PREFIX.matcher(prefix).matches()) {
        throw new RefusedException(
            "the prefix in '" + text + "' may have letters, digits, '_', '.', '-' and '/' only");
      }
      return new S3(name, prefix);
    }

    @Override
    public String toString() {
      return "s3://"
          + name
          + (prefix.isEmpty() ? "" : "/" + prefix.substring(0, prefix.length() - 1));
    }
  }

  /// A relative path counts from the working folder.
  static BucketAddress parse(String text) throws RefusedException {
    if (text.startsWith("s3://")) {
      return S3.parse(text);
    }
    if (!text.startsWith("dir:") || text.equals("dir:")) {
      throw new RefusedException(
          "'" + text + "' is not a bucket's address: write dir:PATH or s3://BUCKET[/PREFIX]");
    }
    try {
      return new Directory(Path.of(text.substring("dir:".length())).toAbsolutePath());
    } catch (InvalidPathException e) {
      throw new RefusedException("no path for a folder in the bucket's address: correct it", e);
    }
  }
}
