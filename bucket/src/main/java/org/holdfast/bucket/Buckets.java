package org.holdfast.bucket;

import java.security.SecureRandom;
import org.holdfast.core.Clock;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;

/// Opens the bucket at an address. Nothing has to be closed.
public final class Buckets {
  private Buckets() {}

  /// Opens a bucket that exists. A folder without the marks of a bucket is refused: where a disk is
  /// not mounted, an empty folder must not pass for an empty bucket.
  public static Bucket open(BucketAddress address, Clock clock, SecureRandom random)
      throws RefusedException, UnavailableException {
    return switch (address) {
      case BucketAddress.Directory at -> DirectoryBucket.open(at.path(), clock, random);
    };
  }

  /// Opens a bucket, and makes it first where there is none. A folder that exists becomes a bucket;
  /// files in it whose names break the rules for keys are left alone and not listed.
  public static Bucket openOrCreate(BucketAddress address, Clock clock, SecureRandom random)
      throws RefusedException, UnavailableException {
    return switch (address) {
      case BucketAddress.Directory at -> DirectoryBucket.openOrCreate(at.path(), clock, random);
    };
  }
}
