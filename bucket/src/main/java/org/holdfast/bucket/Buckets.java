package org.holdfast.bucket;

import java.security.SecureRandom;
import org.holdfast.core.Clock;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;

/// Opens the bucket at an address.
public final class Buckets {
  private final Clock clock;
  private final SecureRandom random;
  private final Spawner spawner;
  private final S3Settings settings;
  private final BucketMeter meter;

  public Buckets(Clock clock, SecureRandom random, Spawner spawner, S3Settings settings) {
    this.clock = clock;
    this.random = random;
    this.spawner = spawner;
    this.settings = settings;
    this.meter = new BucketMeter(clock, settings.prices());
  }

  /// Opens a bucket that exists. A folder without the marks of a bucket is refused: where a disk is
  /// not mounted, an empty folder must not pass for an empty bucket.
  public Bucket open(BucketAddress address) throws RefusedException, UnavailableException {
    return switch (address) {
      case BucketAddress.Directory at -> DirectoryBucket.open(at.path(), clock, random);
      case BucketAddress.S3 at -> s3(at);
    };
  }

  /// Opens a bucket. A folder that is not there is made, and one that is becomes a bucket; files in
  /// it whose names break the rules for keys are left alone and not listed. A bucket in S3 has to
  /// exist.
  public Bucket openOrCreate(BucketAddress address) throws RefusedException, UnavailableException {
    return switch (address) {
      case BucketAddress.Directory at -> DirectoryBucket.openOrCreate(at.path(), clock, random);
      case BucketAddress.S3 at -> s3(at);
    };
  }

  /// Tries what the bucket at an address can do.
  public ProbeReport probe(BucketAddress address) throws RefusedException, UnavailableException {
    try (Bucket bucket = openOrCreate(address)) {
      BucketProbe probe = new BucketProbe(bucket, spawner, random);
      return switch (address) {
        case BucketAddress.Directory _ -> probe.run();
        case BucketAddress.S3 at -> {
          try (S3Bucket raw = raw(at)) {
            yield probe.run(raw);
          }
        }
      };
    }
  }

  /// What all that was opened here has asked of stores in S3.
  public BucketMeter meter() {
    return meter;
  }

  private Bucket s3(BucketAddress.S3 address) throws RefusedException, UnavailableException {
    Gate gate = new Gate(settings.concurrency(), clock);
    Bucket metered = new MeteredBucket(raw(address), meter);
    Bucket gated = new GatedBucket(metered, gate, clock);
    Bucket hedged = new HedgedBucket(gated, meter, clock, spawner);
    return new RetryingBucket(hedged, settings.retryMillis(), meter, clock, random);
  }

  private S3Bucket raw(BucketAddress.S3 address) throws RefusedException {
    return new S3Bucket(new S3Connection(settings).open(), address, settings, clock);
  }
}
